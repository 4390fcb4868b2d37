# tidymodels: the engine "glmpp" of parsnip, beside its engine "glm".
if (!requireNamespace("parsnip", quietly = TRUE)) {
  cat("The package parsnip is not installed.\n")
} else {
  library(glmpp)
  births <- transform(MASS::birthwt, low = factor(low, labels = c("no", "yes")), race = factor(race))
  fit_by <- function(engine) {
    specification <- parsnip::set_engine(parsnip::logistic_reg(), engine)
    parsnip::fit(specification, low ~ age + lwt + race + smoke, data = births)
  }
  ours <- fit_by("glmpp")
  theirs <- fit_by("glm")
  few <- births[c(1, 100, 189), ]
  print(cbind(glmpp = predict(ours, few, type = "prob"), glm = predict(theirs, few, type = "prob")))
  print(predict(ours, few, type = "conf_int"))

  # The fit itself is a glmpp fit: whatever takes one takes this.
  print(effects_table(parsnip::extract_fit_engine(ours), vcov = "HC3"))
}
