# Correct digits against known right answers. The tests and the vignette "How accurate is it?" read this file, and
# convergence.R beside it.

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
  data <- read_nist(set)
  formula <- nist_formula(set)
  epsilon <- if (set == "Filip") 1000 * tolerance else 1e-8
  list(lm = stats::lm(formula, data, tol = tolerance),
       glm = suppressWarnings(stats::glm(formula, gaussian, data, epsilon = epsilon)),
       glmpp = suppressWarnings(glmpp(formula, gaussian, data, rank_tolerance = tolerance)))
}

read_nist <- function(name) {
  utils::read.csv(system.file("accuracy", "nist", paste0(name, ".csv"), package = "glmpp", mustWork = TRUE))
}

# The fewest correct digits over the coefficients of each set, by fitter.
nist_digits <- function(sets = nist_sets) {
  certified <- read_nist("certified")
  do.call(rbind, lapply(sets, function(set) {
    truth <- certified[certified$dataset == set, ]
    fits <- nist_fits(set)
    digits <- function(values_of, truth) vapply(fits, function(fit) min(correct_digits(values_of(fit), truth)), 0)
    data.frame(set = set, quantity = c("coefficients", "standard errors"),
               rbind(digits(function(fit) unname(coef(fit)), truth$estimate), digits(standard_errors, truth$sd)))
  }))
}

standard_errors <- function(fit) unname(sqrt(diag(suppressWarnings(vcov(fit)))))

# ---- Random designs of a given condition, against extended precision ----

# Columns of the stated condition, and a response of the family.
conditioned_case <- function(family, condition, rows = 60, columns = 4) {
  orthonormal <- qr.Q(qr(matrix(stats::rnorm(rows * columns), rows)))
  rotation <- qr.Q(qr(matrix(stats::rnorm(columns^2), columns)))
  x <- sqrt(rows) * orthonormal %*% diag(condition^-seq(0, 1, length.out = columns)) %*% t(rotation)
  eta <- 0.7 * sqrt(rows) * drop(orthonormal %*% stats::rnorm(columns))
  y <- switch(family, gaussian = eta + stats::rnorm(rows), binomial = stats::rbinom(rows, 1, stats::plogis(eta)),
              poisson = stats::rpois(rows, exp(eta)))
  list(x = x, y = as.double(y), family = get(family, envir = asNamespace("stats"))(), condition = condition)
}

# Newton's method in 200 bits from glm()'s answer: the three families under their canonical links.
exact_fit <- function(case, start) {
  bits <- 200
  x <- Rmpfr::mpfr(case$x, bits)
  y <- Rmpfr::mpfr(case$y, bits)
  b <- Rmpfr::mpfr(start, bits)
  columns <- seq_len(ncol(case$x))
  for (step in 1:12) {
    eta <- x[, 1] * b[1]
    for (j in columns[-1]) eta <- eta + x[, j] * b[j]
    mu <- switch(case$family$family, gaussian = eta, binomial = 1 / (1 + exp(-eta)), poisson = exp(eta))
    weight <- switch(case$family$family, gaussian = 1 + 0 * eta, binomial = mu * (1 - mu), poisson = mu)
    weighted <- x
    for (j in columns) weighted[, j] <- x[, j] * weight
    inverse <- exact_inverse(columns, function(i, j) sum(x[, i] * weighted[, j]), bits)
    score <- lapply(columns, function(j) sum(x[, j] * (y - mu)))
    change <- lapply(columns, function(i) Reduce(`+`, lapply(columns, function(j) inverse[[i]][[j]] * score[[j]])))
    for (j in columns) b[j] <- b[j] + change[[j]]
    size <- max(abs(vapply(columns, function(j) as.numeric(change[[j]] / b[j]), 0)))
    if (size < 1e-40) break
  }
  scale <- if (case$family$family == "gaussian") sum((y - mu)^2) / (length(case$y) - ncol(case$x)) else 1
  list(coefficients = as.numeric(b), converged = size < 1e-25,
       errors = vapply(columns, function(j) as.numeric(sqrt(scale * inverse[[j]][[j]])), 0))
}

# Gauss and Jordan on lists of extended numbers.
exact_inverse <- function(columns, entry, bits) {
  p <- length(columns)
  rows <- lapply(columns, function(i) {
    c(lapply(columns, function(j) entry(i, j)), lapply(columns, function(j) Rmpfr::mpfr(as.numeric(i == j), bits)))
  })
  for (k in columns) {
    pivot <- rows[[k]][[k]]
    rows[[k]] <- lapply(rows[[k]], function(value) value / pivot)
    for (i in columns[-k]) {
      factor <- rows[[i]][[k]]
      rows[[i]] <- Map(function(own, other) own - factor * other, rows[[i]], rows[[k]])
    }
  }
  lapply(rows, function(row) row[p + columns])
}

# Digits over `repeats` cases of each family and condition: the worst coefficient, the worst error, and what the fit
# itself expects.
condition_digits <- function(conditions = 10^(1:10), repeats = 3, epsilon = 1e-9) {
  cases <- expand.grid(seed = seq_len(repeats), condition = conditions, family = c("gaussian", "binomial", "poisson"),
                       stringsAsFactors = FALSE)
  rows <- Map(function(seed, condition, family) {
    set.seed(seed + 1000 * round(log10(condition)))
    case <- conditioned_case(family, condition)
    # By default tight, so that glm()'s rank tolerance keeps the last column; its weights still lag a step.
    glm_fit <- suppressWarnings(stats::glm(case$y ~ 0 + case$x, case$family, epsilon = epsilon, maxit = 100))
    if (anyNA(stats::coef(glm_fit))) return(NULL)
    our_fit <- suppressWarnings(glmpp(case$y ~ 0 + case$x, case$family))
    truth <- exact_fit(case, unname(stats::coef(glm_fit)))
    if (!truth$converged) return(NULL)
    worst <- function(value, truth) min(correct_digits(unname(value), truth))
    fastglm_fit <- fit_fastglm(case)
    data.frame(family, condition, seed, coef_glmpp = worst(coef(our_fit), truth$coefficients),
               coef_glm = worst(coef(glm_fit), truth$coefficients), coef_fastglm = worst(fastglm_fit$coefficients, truth$coefficients),
               coef_expected = our_fit$solver$digits[["coefficients"]],
               se_glmpp = worst(standard_errors(our_fit), truth$errors), se_glm = worst(standard_errors(glm_fit), truth$errors),
               se_fastglm = worst(fastglm_fit$se, truth$errors), se_expected = our_fit$solver$digits[["standard errors"]],
               factorization = our_fit$solver$factorization)
  }, cases$seed, cases$condition, cases$family)
  do.call(rbind, rows)
}

has_fastglm <- function() requireNamespace("fastglm", quietly = TRUE)

# fastglm by its LLT decomposition; NA, no digits, where it is not installed or gives up.
fit_fastglm <- function(case) {
  nothing <- rep(NA_real_, ncol(case$x))
  fit <- if (has_fastglm()) {
    tryCatch(suppressWarnings(fastglm::fastglm(case$x, case$y, case$family, method = 2L)), error = function(e) NULL)
  }
  if (is.null(fit)) list(coefficients = nothing, se = nothing) else fit[c("coefficients", "se")]
}

# The fewest digits of each family and condition.
fewest_digits <- function(digits, by = c("family", "condition")) {
  columns <- setdiff(names(digits), c("family", "condition", "seed", "factorization"))
  stats::aggregate(digits[columns], digits[by], min)
}
