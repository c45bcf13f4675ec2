"""As handed out, with the deck's old names and layers made before they are added."""
# expect: full marks
# %% model_solution
from keras.layers import Activation, BatchNormalization, Convolution2D, Dense, Dropout, Flatten, InputLayer, MaxPooling2D

keras.utils.set_random_seed(seed)
model = keras.Sequential(name="cnn2")
model.add(InputLayer(shape=(28, 28, 1)))
model.add(Convolution2D(8, (3, 3), padding="same"))
model.add(BatchNormalization())
model.add(Activation("relu"))
model.add(Convolution2D(8, (3, 3), padding="same"))
model.add(BatchNormalization())
model.add(Activation("relu"))
model.add(MaxPooling2D(pool_size=(2, 2)))
model.add(Convolution2D(16, (3, 3), padding="same"))
model.add(BatchNormalization())
model.add(Activation("relu"))
mine = Convolution2D(16, (3, 3), padding="same"), BatchNormalization(), Activation("relu"), MaxPooling2D(pool_size=(2, 2))
for layer in mine:
    model.add(layer)
model.add(Flatten())
model.add(Dense(40))
model.add(BatchNormalization())
model.add(Dropout(0.3))
model.add(Activation("relu"))
model.add(Dense(10))
model.add(Activation("softmax"))
