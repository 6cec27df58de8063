"""What is set from outside: the environment read once, the queue, the logs, the web server. Enters no other room."""
