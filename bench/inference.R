# What inference after a fit costs, beside the packages that users take for it: CPU times of one run.
#
#   Rscript bench/inference.R [ROWS]
#
# Robust covariances at n = ROWS (1e6) and p = 50, and at a fiftieth of the rows and p = 2100, in passes (a pass: score and information of
# all rows) and in megabytes beyond the fit (Linux), and beside sandwich on a twentieth of the rows; 1,000 resamples of a logistic fit of
# 1e4 rows and 10 columns beside boot with glm.fit(), of which a tenth is timed; ten-fold cross-validation beside boot::cv.glm(); screening
# by score tests beside add1() of stats.

bench_folder <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
for (part in c("report", "pairs", "memory")) source(file.path(bench_folder, paste0(part, ".R")))
suppressMessages(library(glmpp))
rows <- as.numeric(c(commandArgs(trailingOnly = TRUE), 1e6)[1])

logistic_rows <- function(n, p) {
  set.seed(1)
  data <- as.data.frame(matrix(rnorm(n * p), n))
  data$y <- rbinom(n, 1, plogis(drop(as.matrix(data[1:5]) %*% rep(0.3, 5))))
  data$id <- sample(ceiling(n / 100), n, TRUE)
  data
}

peak_of <- function(work) {
  if (!file.exists("/proc/self/clear_refs")) return(NA_real_)
  gc()
  writeLines("5", "/proc/self/clear_refs")
  before <- process_megabytes("VmRSS")
  work()
  process_megabytes("VmHWM") - before
}

median_seconds <- function(work, turns = 5) stats::median(replicate(turns, seconds_of_calls(work, 1)))

# ---- Covariances ----

covariances <- list(HC0 = list(type = "HC0"), HC1 = list(type = "HC1"), HC3 = list(type = "HC3"), HC4 = list(type = "HC4"),
                    observed = list(type = "observed"), clusters = list(type = "HC1", cluster = ~id))

# `turns`: of each, for the median.
compare_passes <- function(data, chosen, turns = 5) {
  fit <- glmpp(y ~ . - id, binomial, data)
  problem <- glmpp:::problem_of(fit)
  pass <- median_seconds(function() glmpp:::evaluate_problem(problem, unname(coef(fit)), c("score", "information")), 2 * turns - 1)
  cat(sprintf("\nCovariances of a logistic fit, n = %s, p = %d; a pass: %.3f s of CPU\n%-10s %8s %8s %12s\n", format(nrow(data)), length(coef(fit)),
              pass, "", "seconds", "passes", "MB beyond"))
  for (name in chosen) {
    work <- function() do.call(vcov, c(list(fit), covariances[[name]]))
    peak <- peak_of(work)
    seconds <- median_seconds(work, turns)
    cat(sprintf("%-10s %8.3f %8.2f %12.1f\n", name, seconds, seconds / pass, peak))
  }
}

data <- logistic_rows(rows, 50)
compare_passes(data, names(covariances))
compare_passes(logistic_rows(rows / 50, 2100), c("HC0", "HC1", "clusters"), 1)

if (requireNamespace("sandwich", quietly = TRUE)) {
  part <- data[seq_len(rows / 20), ]
  fit <- glmpp(y ~ . - id, binomial, part)
  plain <- as.glm(fit)
  print_comparisons(sprintf("Beside sandwich on a glm, n = %s", format(nrow(part))), rbind(
    compare_calls("vcovHC(HC3)", function() sandwich::vcovHC(plain, "HC3"), function() vcov(fit, type = "HC3")),
    compare_calls("vcovCL(HC1)", function() sandwich::vcovCL(plain, ~id, type = "HC1"), function() vcov(fit, type = "HC1", cluster = ~id)),
    compare_calls("NeweyWest(lag 5)", function() sandwich::NeweyWest(plain, lag = 5, prewhite = FALSE),
                  function() vcov(fit, type = newey_west(lag = 5)))
  ))
}
rm(data)

# ---- Resamples ----

data <- logistic_rows(1e4, 10)
data$id <- NULL
fit <- glmpp(y ~ ., binomial, data)
problem <- glmpp:::problem_of(fit)
pass <- median_seconds(function() for (k in 1:50) glmpp:::evaluate_problem(problem, unname(coef(fit)), c("score", "information"))) / 50
b <- bootstrap(fit, R = 1000, seed = 1)
seconds <- median_seconds(function() bootstrap(fit, R = 1000, seed = 1))
cat(sprintf("\n1,000 resamples, n = 1e4, p = 11: %.2f s of CPU, %.0f times a pass; %.2f passes each\n", seconds, seconds / pass, b$passes / 1000))
if (requireNamespace("boot", quietly = TRUE)) {
  x <- model.matrix(y ~ ., data)
  theirs <- function() boot::boot(data$y, function(y, k) glm.fit(x[k, ], y[k], family = binomial())$coefficients, R = 100)
  of_hundred <- median_seconds(theirs, 3)
  cat(sprintf("boot with glm.fit(): %.2f s for 100, %.1f times glmpp's\n", of_hundred, 10 * of_hundred / seconds))
  weighted <- t(vapply(1:20, function(r) {
    suppressWarnings(glm.fit(x, data$y, b$draw(r), family = binomial(), control = list(epsilon = 1e-14))$coefficients)
  }, numeric(11)))
  cat(sprintf("Largest difference from glm.fit() with the same weights: %.1e standard errors\n",
              max(abs(weighted - b$t[1:20, ]) / rep(sqrt(diag(vcov(fit))), each = 20))))
  plain <- glm(y ~ ., binomial, data)
  set.seed(2)
  print_comparisons("Ten-fold cross-validation, n = 1e4", compare_calls("cv.glm()", function() boot::cv.glm(data, plain, K = 10)$K,
                                                                       function() cv_deviance(fit, 10, seed = 1)$folds$fold[10]))
}

# ---- Score tests ----

scope <- as.formula(paste("~ . +", paste(sprintf("I(V%d^2)", 1:10), collapse = " + ")))
plain <- glm(y ~ ., binomial, data)
print_comparisons("Score tests of ten candidates, n = 1e4", rbind(
  compare_calls("add1(Rao)", function() add1(plain, scope, test = "Rao"), function() add1(fit, scope, test = "Rao")),
  compare_calls("screening", function() add1(plain, scope, test = "Rao")[-1, c(1, 4, 5)], function() add1(fit, scope, test = "Rao", refit = FALSE))
))
