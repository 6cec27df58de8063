"""Running a whole hub on one machine, with nothing installed but Python: private servers, processes, the data folder.

Its words: a **server** is a private PostgreSQL or Valkey; a **process** is web, worker or beat; the **hub** is all of them
under one parent that starts, restarts and stops them. Enters ``config`` alone; migrations are handed to it by the verb.
"""
