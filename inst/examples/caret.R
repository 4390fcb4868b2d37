# caret: glmpp as a model of its own for train(), beside caret's "glm" on the same folds.
if (!requireNamespace("caret", quietly = TRUE)) {
  cat("The package caret is not installed.\n")
} else {
  library(glmpp)
  births <- transform(MASS::birthwt, low = factor(low, labels = c("no", "yes")), race = factor(race))

  # Formula and factors go to the fit as they are: no dummy columns.
  by_glmpp <- list(
    library = "glmpp", type = "Classification", label = "glmpp", loop = NULL,
    parameters = data.frame(parameter = "parameter", class = "character", label = "parameter"),
    grid = function(x, y, len = NULL, search = "grid") data.frame(parameter = "none"),
    fit = function(x, y, wts, param, lev, last, classProbs, ...) {  # nolint
      glmpp::glmpp(.outcome ~ ., binomial, cbind(as.data.frame(x), .outcome = y), weights = wts, ...)
    },
    prob = function(modelFit, newdata, submodels = NULL) {  # nolint
      p <- predict(modelFit, as.data.frame(newdata), type = "response")
      structure(data.frame(1 - p, p), names = modelFit$obsLevels)
    },
    predict = function(modelFit, newdata, submodels = NULL) {  # nolint
      p <- predict(modelFit, as.data.frame(newdata), type = "response")
      modelFit$obsLevels[1 + (p > 0.5)]
    },
    levels = function(x) x$obsLevels, sort = function(x) x
  )
  predictors <- births[c("age", "lwt", "race", "smoke")]
  set.seed(1)
  folds <- caret::createFolds(births$low, 5, returnTrain = TRUE)
  control <- caret::trainControl("cv", index = folds, classProbs = TRUE)
  ours <- caret::train(predictors, births$low, method = by_glmpp, trControl = control)
  theirs <- caret::train(predictors, births$low, method = "glm", trControl = control)
  print(rbind(glmpp = ours$results[c("Accuracy", "Kappa")], glm = theirs$results[c("Accuracy", "Kappa")]))
  print(head(predict(ours, predictors, type = "prob"), 3))
}
