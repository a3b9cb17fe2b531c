"""PostgreSQL and Redis from wheels, run beside the platform on unix sockets: no port, nothing to install.

Belongs here: starting, finding and stopping these servers, and the care for processes that this needs. The platform
reaches them like any other server, through settings; only the commands and the tests know that they are embedded.
"""
