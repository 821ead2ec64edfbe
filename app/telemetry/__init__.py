"""What can be seen of a running gateway: ids of requests, logs, spans."""
