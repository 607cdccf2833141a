"""The process that supervises: it runs no user code and outlives every program."""
