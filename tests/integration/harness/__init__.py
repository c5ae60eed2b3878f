"""What the integration tests share: the agent as a process, a real broker, log lines with serial numbers."""
