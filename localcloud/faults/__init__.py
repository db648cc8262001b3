"""Faults that somebody asks for: events that are lost or late, programs that die, endpoints that fail.

``fault_file`` reads what is asked for, ``injection`` decides when a fault is due. Whoever delivers, runs or answers
asks ``injection.pick`` and plays what it says.
"""
