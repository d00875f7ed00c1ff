"""What a broker is made of: connections, databases, who waits, and how replies are written."""
