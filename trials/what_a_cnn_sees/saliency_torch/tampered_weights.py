"""The last bias is moved for all classes alike: no map changes, only the scores."""
# expect: loses points
# %% scores_solution
with torch.no_grad():
    model[-2].bias += 1.0

def scores(model, images):
    return model[:-1](images)
