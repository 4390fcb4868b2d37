# mlr3: glmpp as a learner of its own, resampled.
if (!requireNamespace("mlr3", quietly = TRUE) || !requireNamespace("R6", quietly = TRUE)) {
  cat("The package mlr3 is not installed.\n")
} else {
  learner_class <- R6::R6Class("LearnerClassifGlmpp",
    inherit = mlr3::LearnerClassif,
    public = list(
      initialize = function() {
        super$initialize("classif.glmpp", packages = "glmpp", feature_types = c("integer", "numeric", "factor"),
                         predict_types = c("response", "prob"), properties = "twoclass")
      }
    ),
    private = list(
      .train = function(task) {
        data <- task$data()
        data[[task$target_names]] <- factor(data[[task$target_names]], c(task$negative, task$positive))
        glmpp::glmpp(task$formula(), binomial, as.data.frame(data))
      },
      .predict = function(task) {
        p <- unname(predict(self$model, as.data.frame(task$data(cols = task$feature_names)), type = "response"))
        prob <- matrix(c(p, 1 - p), ncol = 2, dimnames = list(NULL, c(task$positive, task$negative)))
        if (self$predict_type == "prob") list(prob = prob) else list(response = ifelse(p > 0.5, task$positive, task$negative))
      }
    )
  )
  births <- transform(MASS::birthwt[c("low", "age", "lwt", "race", "smoke")], low = factor(low, labels = c("no", "yes")), race = factor(race))
  task <- mlr3::as_task_classif(births, target = "low", positive = "yes")
  learner <- learner_class$new()
  learner$predict_type <- "prob"
  set.seed(1)
  resampled <- mlr3::resample(task, learner, mlr3::rsmp("cv", folds = 5))
  print(resampled$aggregate(mlr3::msrs(c("classif.acc", "classif.auc"))))
  print(coef(learner$train(task)$model))
}
