"""The bounds that AWS's models state of a request: length, range, pattern, enumeration, presence. They are looked at
before anybody acts, as on AWS; botocore's clients check types, presence and the least lengths alone.
"""
