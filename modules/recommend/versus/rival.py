"""The ten nearest texts by scikit-learn, one line a text: rival.py linear|sparse TEXTS OUT"""
import sys

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics.pairwise import linear_kernel

how, texts, out = sys.argv[1:]
K = 10
kind = np.float64 if how == "linear" else np.float32
with open(texts, encoding="utf-8") as f:
    X = TfidfVectorizer(token_pattern=r"\S+", sublinear_tf=True, dtype=kind).fit_transform(f)
T = X.T.tocsr()
with open(out, "w") as f:
    for begin in range(0, X.shape[0], 500):
        rows = X[begin:begin + 500]
        S = linear_kernel(rows, X) if how == "linear" else (rows @ T).toarray()
        S[np.arange(S.shape[0]), begin + np.arange(S.shape[0])] = -1
        near = np.argpartition(-S, K, axis=1)[:, :K]
        scores = np.take_along_axis(S, near, axis=1)
        order = np.lexsort((near, -scores), axis=1)
        near = np.take_along_axis(near, order, axis=1)
        scores = np.take_along_axis(scores, order, axis=1)
        for ids, vals in zip(near, scores):
            f.write(" ".join(f"{i}:{v:.7f}" for i, v in zip(ids, vals) if v > 0) + "\n")
