"""A random forest with scikit-learn, as a script in SageMaker's scikit-learn image.

Reads and writes what train_sklearn.py does. Missing values go to the side of a split where they serve best.

Source: https://scikit-learn.org/stable/modules/ensemble.html#random-forests-and-other-randomized-tree-ensembles
"""

from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from train_sklearn import learn, parser


def main() -> None:
    """Train trees on samples of the rows, each split on a sample of the columns."""
    given = parser(__doc__)
    given.add_argument("--min_samples_leaf", type=int, default=1)
    given.add_argument("--max_features", type=float, help="a share of the columns")
    options = given.parse_args()
    # as many columns as are usual: of labels the root of their number, of amounts all
    kind, usual = (RandomForestClassifier, "sqrt") if options.num_class else (RandomForestRegressor, 1.0)
    model = kind(
        n_estimators=options.n_estimators, max_depth=options.max_depth, min_samples_leaf=options.min_samples_leaf,
        max_features=options.max_features or usual, n_jobs=-1, random_state=options.seed,
    )  # fmt: skip
    learn(model, options)


if __name__ == "__main__":
    main()
