/* Times that the server wrote, read in the zone they are of. */

import { near, zoneName } from "./times.js";

for (const element of document.querySelectorAll("time[data-zone][datetime]")) {
  const moment = new Date(element.dateTime);
  element.textContent = `${near(moment, element.dataset.zone)} ${zoneName(moment, element.dataset.zone)}`;
}
