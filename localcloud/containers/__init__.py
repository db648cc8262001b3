"""What SageMaker's images do, for this machine: processes, their view of /opt/ml, training and serving."""
