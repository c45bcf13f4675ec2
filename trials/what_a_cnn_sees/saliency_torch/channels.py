"""Nothing is done about the channels."""
# expect: misconception the channels are still there
# %% saliency_solution
def saliency(model, image, label):
    x = torch.tensor(image[None], requires_grad=True)
    y = scores(model, x)[0, label]
    gradient = torch.autograd.grad(y, x)[0][0].numpy()
    return np.abs(gradient)
