# What users do with a fit: glm()'s time over glmpp's, CPU time, both in one run.
#
#   Rscript bench/verbs.R [ROWS...]      (100000 and 300 by default)
#
# Writes bench/results/verbs.csv when both default sizes were run. Packages that are not installed are left out, and named.

bench_folder <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
for (part in c("report", "pairs")) source(file.path(bench_folder, paste0(part, ".R")))
suppressMessages(library(glmpp))

# Binomial; six numbers and a factor of four levels.
verb_data <- function(rows) {
  set.seed(20261)
  data <- data.frame(matrix(rnorm(6 * rows), rows, dimnames = list(NULL, paste0("x", 1:6))), g = factor(sample(letters[1:4], rows, TRUE)))
  data$y <- rbinom(rows, 1, plogis(-0.4 + 0.3 * data$x1 - 0.2 * data$x2 + 0.1 * data$x3 + 0.2 * (data$g == "b")))
  data
}

printed <- function(value) invisible(utils::capture.output(print(value)))

# Each is a function of a fit. What takes long on many rows is asked once a turn.
verbs <- list(
  summary = function(fit) coef(summary(fit)), vcov = stats::vcov, "print(summary)" = function(fit) printed(summary(fit)),
  confint.default = stats::confint.default, logLik = stats::logLik, AIC = stats::AIC, BIC = stats::BIC, coef = stats::coef,
  deviance = stats::deviance, nobs = stats::nobs, df.residual = stats::df.residual, extractAIC = stats::extractAIC,
  fitted = stats::fitted, weights = stats::weights, "residuals deviance" = stats::residuals,
  "residuals pearson" = function(fit) residuals(fit, "pearson"), "residuals working" = function(fit) residuals(fit, "working"),
  "residuals response" = function(fit) residuals(fit, "response"), predict = stats::predict,
  "predict response" = function(fit) predict(fit, type = "response"), "predict terms" = function(fit) predict(fit, type = "terms"),
  "predict se.fit" = function(fit) predict(fit, se.fit = TRUE), "predict new rows" = function(fit) predict(fit, new_rows),
  hatvalues = stats::hatvalues, influence = stats::influence, cooks.distance = stats::cooks.distance, rstandard = stats::rstandard,
  rstudent = stats::rstudent, dfbeta = stats::dfbeta, dfbetas = stats::dfbetas, dffits = stats::dffits, covratio = stats::covratio,
  simulate = function(fit) simulate(fit, seed = 1), model.matrix = stats::model.matrix, model.frame = stats::model.frame,
  drop1 = stats::drop1, add1 = function(fit) add1(fit, ~ . + x1:x2 + I(x3^2)), anova = function(fit) anova(fit, test = "Chisq"),
  step = function(fit) step(fit, trace = 0)$anova$AIC, "update(. - x1)" = function(fit) coef(update(fit, . ~ . - x1)),
  serialize = function(fit) length(serialize(fit, NULL)) > 0,
  "car::Anova" = function(fit) car::Anova(fit), "car::vif" = function(fit) car::vif(fit),
  "sandwich::sandwich" = function(fit) sandwich::sandwich(fit), "sandwich::vcovHC" = function(fit) sandwich::vcovHC(fit, "HC3"),
  "HC1" = function(fit) if (inherits(fit, "glmpp")) vcov(fit, type = "HC1") else sandwich::vcovHC(fit, "HC1"),
  "emmeans" = function(fit) as.data.frame(emmeans::emmeans(fit, ~g)), "broom::tidy" = function(fit) broom::tidy(fit),
  "broom::glance" = function(fit) broom::glance(fit), "broom::augment" = function(fit) broom::augment(fit)
)
needed <- c("car::Anova" = "car", "car::vif" = "car", "sandwich::sandwich" = "sandwich", "sandwich::vcovHC" = "sandwich", HC1 = "sandwich",
            emmeans = "emmeans", "broom::tidy" = "broom", "broom::glance" = "broom", "broom::augment" = "broom")

compare_verbs <- function(rows) {
  data <- verb_data(rows)
  assign("data", data, envir = globalenv())  # where update() looks
  assign("new_rows", verb_data(min(rows, 1000)), envir = globalenv())
  theirs <- glm(y ~ ., binomial, data, epsilon = 1e-12)
  ours <- glmpp(y ~ ., binomial, data)
  fits <- compare_calls("the fit", function() coef(glm(y ~ ., binomial, data)), function() coef(glmpp(y ~ ., binomial, data)))
  lines <- lapply(names(verbs), function(name) {
    compare_calls(name, function() verbs[[name]](theirs), function() verbs[[name]](ours), turns = if (rows > 10000) 3 else 5)
  })
  cbind(rows = rows, do.call(rbind, c(list(fits), lines)))
}

lacking <- unique(needed[!vapply(needed, requireNamespace, NA, quietly = TRUE)])
if (length(lacking)) cat("Not installed, and left out: ", paste(lacking, collapse = ", "), ".\n", sep = "")
verbs <- verbs[!names(verbs) %in% names(needed)[needed %in% lacking]]

arguments <- commandArgs(trailingOnly = TRUE)
sizes <- if (length(arguments)) as.numeric(arguments) else c(1e5, 300)
results <- lapply(sizes, compare_verbs)
for (lines in results) print_comparisons(sprintf("%s rows", format(lines$rows[1], big.mark = ",", scientific = FALSE)), lines)
if (!length(arguments)) utils::write.csv(do.call(rbind, results), file.path(bench_folder, "results", "verbs.csv"), row.names = FALSE)
