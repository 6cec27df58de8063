"""The doors of certification and releases: their addresses in the API, their pages, and the shapes of what goes in and out."""
