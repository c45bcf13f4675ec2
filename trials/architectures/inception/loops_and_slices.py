"""Ein großes Feld aus Nullen, in das alles hineingelegt wird; Zählen mit einer Liste."""
# expect: full marks
# %% depth_concat_solution
def depth_concat(tensors):
    # erst die Groesse, dann alles hineinlegen
    h, w, d = 0, 0, 0
    for t in tensors:
        h, w, d = max(h, t.shape[0]), max(w, t.shape[1]), d + t.shape[2]
    out = np.zeros((h, w, d), dtype=np.float32)
    k = 0
    for t in tensors:
        a, b, c = t.shape
        i, j = int((h - a) / 2), int((w - b) / 2)
        out[i:i + a, j:j + b, k:k + c] = t
        k += c
    return out
# %% counting_solution
def count_inception(channels, f1, r3, f3, r5, f5, fp):
    schichten = [(1, channels, f1), (1, channels, r3), (3, r3, f3), (1, channels, r5), (5, r5, f5), (1, channels, fp)]
    n = 0
    for k, c, f in schichten:
        n += k * k * c * f + f
    return [n, f1 + f3 + f5 + fp]


def count_naive(channels, f1, f3, f5):
    n = 0
    for k, f in [(1, f1), (3, f3), (5, f5)]:
        n += f * (k * k * channels + 1)
    return [n, channels + f1 + f3 + f5]
