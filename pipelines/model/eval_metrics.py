"""What XGBoost's image can watch while it trains. Facts."""

MAXIMISED = (
    "accuracy", "auc", "aucpr", "balanced_accuracy", "f1", "f1_binary", "f1_macro", "map", "ndcg", "precision", "r2",
    "recall", "precision_macro", "precision_micro", "recall_macro", "recall_micro",
)  # fmt: skip
MINIMISED = (
    "aft-nloglik", "cox-nloglik", "error", "gamma-deviance", "gamma-nloglik", "interval-regression-accuracy", "logloss",
    "mae", "mape", "merror", "mlogloss", "mphe", "mse", "poisson-nloglik", "rmse", "rmsle", "tweedie-nloglik",
)  # fmt: skip
EVAL_METRICS = dict.fromkeys(MAXIMISED, "Maximize") | dict.fromkeys(MINIMISED, "Minimize")
"""What XGBoost's image can watch, early stopping and tuning alike, and which way is better: its names, not the gate's.

Source: https://github.com/aws/sagemaker-xgboost-container/blob/master/src/sagemaker_xgboost_container/constants/xgb_constants.py
"""
OF_CLASSES = (
    "mlogloss", "merror", "accuracy", "balanced_accuracy", "f1", "f1_macro", "precision_macro", "precision_micro",
    "recall_macro", "recall_micro",
)  # fmt: skip
"""What it can watch of several classes.

Source: https://xgboost.readthedocs.io/en/stable/parameter.html (eval_metric) and
https://github.com/aws/sagemaker-xgboost-container/blob/master/src/sagemaker_xgboost_container/metrics/custom_metrics.py
"""
