"""Sliding windows and einsum; the search is one expression."""
# expect: full marks
# %% response_solution
def response(patch, kernel):
    return np.einsum("ij,ij->", patch, kernel, dtype=np.float64)
# %% deck_responses_solution
response_curve, response_other = (response(p, FILTER) for p in (CURVE, OTHER))
# %% correlation_solution
def correlation(patch, kernel):
    def standardized(values):
        spread = values.std()
        return (values - values.mean()) / spread if spread > 0 else np.zeros(values.shape)

    return np.mean(standardized(patch) * standardized(kernel))
# %% find_solution
def find(image, kernel):
    windows = np.lib.stride_tricks.sliding_window_view(image.astype(float), kernel.shape)
    x = windows - windows.mean(axis=(2, 3), keepdims=True)
    k = kernel - kernel.mean()
    size = np.sqrt((x**2).sum(axis=(2, 3)) * (k**2).sum())
    scores = np.divide((x * k).sum(axis=(2, 3)), size, out=np.zeros(size.shape), where=size > 0)
    return list(map(int, divmod(scores.argmax(), scores.shape[1])))
# %% place_solution
place = np.array(find(PICTURE, FILTER))
