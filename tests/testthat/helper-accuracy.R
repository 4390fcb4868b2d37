# Correct digits against known right answers.

# Log relative error: the number of correct leading digits, at most those of a double. Of a true zero, the absolute error's.
correct_digits <- function(value, truth) {
  error <- abs(value - truth) / ifelse(truth == 0, 1, abs(truth))
  error[is.na(error)] <- Inf
  pmin(pmax(-log10(error), 0), 15)
}

nist_sets <- c("Norris", "Pontius", "NoInt1", "NoInt2", "Longley", "Wampler1", "Wampler2", "Wampler3", "Wampler4",
               "Wampler5", "Filip")

nist_formula <- function(set) {
  power <- function(degree) stats::as.formula(paste("y ~", paste(sprintf("I(x^%d)", seq_len(degree)), collapse = " + ")))
  switch(set, Norris = y ~ x, Pontius = power(2), NoInt1 = , NoInt2 = y ~ 0 + x,
         Longley = y ~ x1 + x2 + x3 + x4 + x5 + x6, Filip = power(10), power(5))
}

# glm() takes its rank tolerance from epsilon, and iterates as long as rounding moves the deviance.
nist_fits <- function(set, tolerance = if (set == "Filip") 1e-12 else 1e-11) {
  data <- read_fixture("nist", paste0(set, ".csv"))
  formula <- nist_formula(set)
  epsilon <- if (set == "Filip") 1000 * tolerance else 1e-8
  list(lm = stats::lm(formula, data, tol = tolerance),
       glm = suppressWarnings(stats::glm(formula, gaussian, data, epsilon = epsilon)),
       glmpp = suppressWarnings(glmpp(formula, gaussian, data, rank_tolerance = tolerance)))
}

read_fixture <- function(...) utils::read.csv(testthat::test_path("fixtures", ...))

# The fewest correct digits over the coefficients of each set, by fitter.
nist_digits <- function(sets = nist_sets) {
  certified <- read_fixture("nist", "certified.csv")
  do.call(rbind, lapply(sets, function(set) {
    truth <- certified[certified$dataset == set, ]
    fits <- nist_fits(set)
    digits <- function(values_of, truth) vapply(fits, function(fit) min(correct_digits(values_of(fit), truth)), 0)
    data.frame(set = set, quantity = c("coefficients", "standard errors"),
               rbind(digits(function(fit) unname(coef(fit)), truth$estimate), digits(standard_errors, truth$sd)))
  }))
}

standard_errors <- function(fit) unname(sqrt(diag(suppressWarnings(vcov(fit)))))
