"""Vier Schleifen und reines Python; deutsche Kommentare, kaum Variablen."""
# expect: full marks
# %% conv2d_solution
def conv2d(image, kernel, padding="valid"):
    h, w = len(kernel), len(kernel[0])
    oben, links = ((h - 1) // 2, (w - 1) // 2) if padding == "same" else (0, 0)
    H, W = image.shape
    zeilen, spalten = (H, W) if padding == "same" else (H - h + 1, W - w + 1)
    karte = np.zeros((zeilen, spalten))
    for r in range(zeilen):
        for c in range(spalten):
            for i in range(h):
                for j in range(w):
                    y, x = r + i - oben, c + j - links
                    if 0 <= y < H and 0 <= x < W:  # ausserhalb liegen Nullen
                        karte[r, c] += float(kernel[i][j]) * float(image[y, x])
    return karte
# %% relu_solution
def relu(values):
    # alles Negative wird 0
    kopie = np.array(values, dtype=float)
    kopie[kopie < 0] = 0
    return kopie
# %% max_pool2d_solution
def max_pool2d(values, size=2):
    return np.array([
        [float(max(values[r + i][c + j] for i in range(size) for j in range(size)))
         for c in range(0, values.shape[1] - size + 1, size)]
        for r in range(0, values.shape[0] - size + 1, size)
    ])
# %% feature_map_solution
feature_map = conv2d(IMAGE, KERNEL)
activation = relu(feature_map)
pooled = max_pool2d(activation)
# %% feature_map_same_solution
feature_map_same = conv2d(IMAGE, KERNEL, "same")
