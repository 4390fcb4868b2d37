# Small data: glm()'s time over glmpp's, CPU time, both in one run, for families and links by formula and by matrix.
#
#   Rscript bench/small.R
#
# Writes bench/results/small.csv. The last three lines are loops of 1,000 fits of n = 200: by formula, glmpp_fit() beside
# glm.fit(), and glm(method = glmpp_fit).

bench_folder <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
for (part in c("report", "pairs")) source(file.path(bench_folder, paste0(part, ".R")))
suppressMessages(library(glmpp))

set.seed(20262)
n <- 1000
made <- data.frame(x1 = rnorm(n), x2 = runif(n), x3 = rexp(n), g = factor(sample(letters[1:4], n, TRUE)), m = 1 + rpois(n, 6))
eta <- with(made, 0.4 * x1 - 0.3 * x2 + 0.1 * x3 + 0.2 * (g == "b"))
made <- transform(made, hit = rbinom(n, 1, plogis(eta)), s = rbinom(n, m, plogis(eta)), count = rpois(n, exp(eta)), size = rgamma(n, 2, 2 / exp(eta)),
                  rare = rbinom(n, 1, pmin(0.9, exp(eta - 2))), level = exp(eta) + rnorm(n, sd = 0.2))
wide <- data.frame(y = rbinom(n, 1, 0.5), matrix(rnorm(100 * n), n))
tall <- data.frame(y = rbinom(5000, 1, 0.5), matrix(rnorm(50000), 5000))
few <- data.frame(y = rbinom(200, 1, 0.5), matrix(rnorm(800), 200))
complete <- na.omit(airquality)
many_terms <- y ~ .
x <- cbind(1, as.matrix(few[-1]))

# list(formula, family, data)
rows <- list(
  "mtcars am ~ wt" = list(am ~ wt, binomial(), mtcars), "mtcars am ~ wt + hp" = list(am ~ wt + hp, binomial(), mtcars),
  "mtcars mpg ~ ." = list(mpg ~ ., gaussian(), mtcars), "mpg ~ wt + factor(cyl)" = list(mpg ~ wt + factor(cyl), gaussian(), mtcars),
  "airquality Gamma log" = list(Ozone ~ Wind + Temp + factor(Month), Gamma("log"), complete),
  "the same, rows of NA" = list(Ozone ~ Wind + Temp + factor(Month), Gamma("log"), airquality),
  "airquality Gamma" = list(Ozone ~ Wind + Temp, Gamma(), complete), "gaussian log" = list(Ozone ~ Wind + Temp, gaussian("log"), complete),
  logit = list(hit ~ x1 + x2 + x3 + g, binomial(), made), probit = list(hit ~ x1 + x2 + x3 + g, binomial("probit"), made),
  cloglog = list(hit ~ x1 + x2 + x3 + g, binomial("cloglog"), made), cauchit = list(hit ~ x1 + x2 + x3 + g, binomial("cauchit"), made),
  "binomial log" = list(rare ~ x1, binomial("log"), made), "cbind(s, m - s)" = list(cbind(s, m - s) ~ x1 + x2 + x3 + g, binomial(), made),
  poisson = list(count ~ x1 + x2 + x3 + g, poisson(), made), "poisson sqrt" = list(count ~ x1 + x2 + x3 + g, poisson("sqrt"), made),
  "offset" = list(count ~ x1 + x2 + offset(log(m)), poisson(), made), quasipoisson = list(count ~ x1 + x2 + x3 + g, quasipoisson(), made),
  "Gamma log" = list(size ~ x1 + x2 + x3 + g, Gamma("log"), made),
  "inverse gaussian log" = list(size ~ x1 + x2 + x3 + g, inverse.gaussian("log"), made),
  "quasi(log, mu^2)" = list(size ~ x1 + x2 + x3 + g, quasi("log", "mu^2"), made),
  "poly(x1, 3) * g" = list(count ~ poly(x1, 3) * g, poisson(), made), "splines::ns" = list(count ~ splines::ns(x1, 4) + g, poisson(), made),
  "logit 5000 x 10" = list(y ~ ., binomial(), tall), "logit 1000 x 100" = list(y ~ ., binomial(), wide)
)
if (requireNamespace("MASS", quietly = TRUE)) {
  rows[["negative binomial"]] <- list(count ~ x1 + x2 + x3 + g, MASS::negative.binomial(2), made)
}
if (requireNamespace("statmod", quietly = TRUE)) {
  rows[["Tweedie (statmod)"]] <- list(size ~ x1 + x2 + x3 + g, statmod::tweedie(1.5, 0), made)
}

compare_row <- function(name) {
  formula <- rows[[name]][[1]]
  family <- rows[[name]][[2]]
  data <- rows[[name]][[3]]
  start <- if (name == "binomial log") c(-2, 0)
  accurate <- suppressWarnings(glm(formula, family, data, start = start, epsilon = 1e-14, maxit = 100))
  ours <- suppressWarnings(glmpp(formula, family, data, start = start))
  line <- compare_calls(name, function() glm(formula, family, data, start = start), function() glmpp(formula, family, data, start = start))
  line$difference <- answer_difference(coef(accurate), coef(ours))
  cbind(line, iterations = ours$iter, glm_iterations = accurate$iter)
}

lines <- do.call(rbind, lapply(names(rows), compare_row))
family <- binomial()
loops <- rbind(
  compare_calls("loop, formula", function() coef(glm(y ~ ., family, few)), function() coef(glmpp(y ~ ., family, few)), turns = 25),
  compare_calls("loop, glmpp_fit", function() glm.fit(x, few$y, family = family)$coefficients,
                function() glmpp_fit(x, few$y, family = family)$coefficients, turns = 25),
  compare_calls("loop, method =", function() coef(glm(y ~ ., family, few)), function() coef(glm(y ~ ., family, few, method = glmpp_fit)), turns = 25)
)
lines <- rbind(lines, cbind(loops, iterations = NA, glm_iterations = NA))
print_comparisons("Small data", lines)
cat("\nIterations (glm()'s to 1e-14):\n", paste0(lines$name, " ", lines$iterations, "/", lines$glm_iterations, collapse = ", "), "\n", sep = "")
utils::write.csv(lines, file.path(bench_folder, "results", "small.csv"), row.names = FALSE)
