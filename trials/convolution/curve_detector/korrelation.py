"""NumPy's own functions with German comments: vdot and corrcoef."""
# expect: full marks
# %% response_solution
def response(patch, kernel):
    # Skalarprodukt der beiden Felder, als Gleitkommazahlen
    return np.vdot(np.float64(patch), np.float64(kernel))
# %% deck_responses_solution
# einmal ausgerechnet
response_curve = float(response(CURVE, FILTER))
response_other = float(response(OTHER, FILTER))
# %% correlation_solution
def correlation(patch, kernel):
    if np.ptp(patch) == 0 or np.ptp(kernel) == 0:  # konstant: per Definition 0
        return 0
    return np.corrcoef(np.ravel(patch), np.ravel(kernel))[0, 1]
# %% find_solution
def find(image, kernel):
    h, w = kernel.shape
    alle = {}  # Ort -> Korrelation
    for z in range(image.shape[0] - h + 1):
        for s in range(image.shape[1] - w + 1):
            alle[z, s] = correlation(image[z:z + h, s:s + w], kernel)
    return max(alle, key=alle.get)
