/* A page that needs nothing but its clock. */

import { startClock } from "./clock.js";

startClock();
