"""Eine Liste von Schichten, deutsche Kommentare."""
# expect: full marks
# %% model_solution
keras.utils.set_random_seed(seed)

schichten = [keras.Input((28, 28, 1))]
for filter_zahl, danach_pooling in [(8, False), (8, True), (16, False), (16, True)]:
    # Faltung, Normierung, ReLU
    schichten += [layers.Conv2D(filter_zahl, 3, padding="same"), layers.BatchNormalization(), layers.Activation("relu")]
    if danach_pooling:
        schichten.append(layers.MaxPool2D())
# der Kopf
schichten += [layers.Flatten(), layers.Dense(40), layers.BatchNormalization(), layers.Dropout(0.3)]
schichten += [layers.Activation("relu"), layers.Dense(10), layers.Softmax()]
model = keras.Sequential(schichten)
