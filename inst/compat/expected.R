# Differences that are as they should be, each with its reason: doors, package, call (a regular expression), and whether the call may stop.
# The first that fits counts.

all_glm <- c("glmpp()", "as.glm()", "glm(method = glmpp_fit)")
all_categories <- c("multinomial()", "ordinal()")

expected <- list(
  list(door = "glmpp()", package = "stats", call = "^summary_print$", reason = "says nothing of the residuals, as R since 4.3"),
  list(door = all_glm, package = c("parameters", "arm"), call = "simulate_parameters|::sim\\(",
       reason = "random draws by eigenvectors, whose signs are rounding's"),
  list(door = "glmpp()", package = "insight", call = "find_statistic", reason = "no generic, and goes by the first class: take as.glm()"),
  list(door = "glmpp()", package = "performance", call = "compare_performance", reason = "has the class of each fit in a column"),
  list(door = all_categories, package = "insight", call = "find_statistic|is_model_supported", stops = TRUE,
       reason = "no generic, and goes by a list of classes: take as.multinom() or as.polr()"),
  list(door = all_categories, package = c("performance", "ggeffects"), call = "compare_performance|ggpredict", stops = TRUE,
       reason = "no generic, and goes by a list of classes: take as.multinom() or as.polr()"),
  list(door = all_categories, package = "stats", call = "summary\\(|confint|anova", reason = "of one shape for both kinds, with p values, in the order of vcov(); Wald intervals"),
  list(door = all_categories, package = "stats", call = "residuals", reason = "deviance residuals; nnet's are of the response, MASS has none"),
  list(door = c("multinomial()", "as.multinom()"), package = "stats", call = "model.frame", reason = "has the weights, as a glm's"),
  list(door = "ordinal()", package = "stats", call = "model.matrix", reason = "has no column for the intercept, as the fit has none"),
  list(door = c("multinomial()", "as.multinom()"), package = "stats", call = "nobs", reason = "counts cases, as polr() does; a newer nnet counts rows"),
  list(door = "ordinal()", package = "lmtest", call = "coeftest", reason = "has the thresholds besides, which newer versions leave out for polr()"),
  list(door = all_categories, package = "broom", call = "tidy|glance", reason = "has more columns: p values, numbers of rows"),
  list(door = "multinomial()", package = c("emmeans", "ggeffects"), call = "emmeans",
       reason = "z in place of t: for multinom() emmeans takes the number of coefficients for degrees of freedom"),
  list(door = "multinomial()", package = "car", call = "linearHypothesis", reason = "has the residual degrees of freedom besides"),
  list(door = "ordinal()", package = "sandwich", call = "bread|sandwich\\(|vcovCL",
       reason = "rows are rows: for polr() with weights sandwich multiplies by their sum and divides by the number of rows"),
  list(door = "glmpp()", package = "stargazer", call = "", reason = "no generic, and reads the call: take as.glm()"),
  list(door = "glmpp()", package = "modelbased", call = "estimate_means", reason = "no generic, and goes by the first class: take as.glm()"),
  list(door = "glmpp()", package = "dominanceanalysis", call = "", stops = TRUE, reason = "no generic, and goes by the first class: take as.glm()"),
  list(door = c(all_categories, "as.multinom()", "as.polr()"), package = "stargazer", call = "",
       reason = "no generic, and reads the call, where it knows no `nnet::` and `MASS::`"),
  list(door = all_categories, package = "texreg", call = "", reason = "takes broom's table; its own of as.multinom() and as.polr()")
)
