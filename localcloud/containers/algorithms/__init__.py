"""What stands in for AWS's algorithms: XGBoost, k-NN and Linear Learner."""
