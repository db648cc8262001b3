"""How the state of each service is recorded in the journal (``journaling``), and restored from it.

``requests`` decides what a request may have changed. Objects, items, messages, log lines, metrics and executions are
recorded one by one; ``configuration`` records the rest of moto's services, ``records`` the records of this package.
"""
