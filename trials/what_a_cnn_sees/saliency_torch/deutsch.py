"""Mit deutschen Kommentaren, einem Haken an der letzten Schicht und doppelter Genauigkeit am Schluss."""
# expect: full marks
# %% scores_solution
def scores(model, images):
    # die Eingabe des Softmax abfangen
    gefangen = []
    haken = model[-1].register_forward_hook(lambda schicht, eingabe, ausgabe: gefangen.append(eingabe[0]))
    model(images)
    haken.remove()
    return gefangen[0]
# %% saliency_solution
def saliency(model, image, label):
    x = torch.zeros(1, 3, 28, 28)
    x[0] = torch.from_numpy(image)   # kopiert
    x.requires_grad_(True)
    start = torch.zeros(1, 10)
    start[0, label] = 1.0
    g = torch.autograd.grad(scores(model, x), x, grad_outputs=start)[0][0].double().numpy()
    return np.sqrt((g ** 2).max(axis=0))   # Wurzel aus dem groessten Quadrat = groesster Betrag
# %% saliency_batch_solution
def saliency_batch(model, images, labels):
    x = torch.from_numpy(images.copy()).requires_grad_(True)
    start = torch.zeros(len(images), 10)
    start[range(len(images)), labels] = 1.0
    g = torch.autograd.grad(scores(model, x), x, grad_outputs=start)[0].double().numpy()
    return np.sqrt((g ** 2).max(axis=1))
