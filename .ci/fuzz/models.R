# Random models: data, formula, family, weights and offset, fitted by glmpp() and by glm().

links <- list(
  gaussian = c("identity", "log", "inverse"), binomial = c("logit", "probit", "cauchit", "log", "cloglog"),
  poisson = c("log", "identity", "sqrt"), Gamma = c("inverse", "identity", "log"),
  inverse.gaussian = c("1/mu^2", "inverse", "identity", "log"), quasibinomial = c("logit", "probit", "cloglog"),
  quasipoisson = c("log", "sqrt")
)

random_family <- function() {
  kind <- sample.int(10L, 1L)
  if (kind == 1L) {
    return(do.call(stats::quasi, list(link = "log", variance = sample(c("mu", "mu^2", "constant"), 1L))))
  }
  if (kind == 2L && requireNamespace("MASS", quietly = TRUE)) return(MASS::negative.binomial(exp(stats::runif(1, -1, 3))))
  name <- sample(names(links), 1L)
  do.call(get(name, envir = asNamespace("stats")), list(link = sample(links[[name]], 1L)))
}

# Responses that the family allows, about the mean at eta where that is valid.
random_response <- function(family, eta) {
  count <- length(eta)
  if (count == 0L) return(numeric())
  mean <- suppressWarnings(family$linkinv(eta))
  name <- sub("\\(.*", "", family$family)
  if (name %in% c("binomial", "quasibinomial")) {
    mean[!is.finite(mean)] <- 0.5
    return(as.double(stats::runif(count) < mean))
  }
  mean[!is.finite(mean)] <- 1
  mean <- pmin(pmax(mean, 1e-3), 1e4)
  switch(name,
    poisson = , quasipoisson = , "Negative Binomial" = as.double(stats::rpois(count, mean)),
    quasi = , Gamma = , inverse.gaussian = pmax(stats::rgamma(count, 2, 2 / mean), 1e-6 * mean),
    gaussian = if (family$link == "identity") stats::rnorm(count, eta) else mean * exp(stats::rnorm(count) / 4)
  )
}

random_weights <- function(count) {
  switch(sample.int(5L, 1L), stats::runif(count), as.double(sample(0:3, count, TRUE)), rep(1e-8, count) * stats::runif(count),
         1e8 * stats::runif(count), rep(1L, count) * 2)
}

random_rows <- function() pick(0L, 1L, 2L, 3L, 5L, 10L, 20L, 50L, 100L, 100L, 200L, 500L, 2000L, 30000L)

random_frame <- function(rows) {
  base <- stats::rnorm(rows)
  data <- data.frame(
    x = base, z = stats::runif(rows), big = stats::rnorm(rows) * 10^sample(4:12, 1L), tiny = stats::runif(rows) * 10^-sample(4:12, 1L),
    k = sample(-3:6, rows, TRUE), count = stats::rpois(rows, 3), flag = stats::runif(rows) < 0.3,
    same = rep(2.5, rows), twice = 2 * base, text = sample(c("u", "v", "w"), rows, TRUE)
  )
  data$f <- factor(sample(letters[1:4], rows, TRUE), levels = letters[1:5])
  data$g <- factor(sample(sprintf("g%02d", 1:12), rows, TRUE, prob = c(rep(1, 10), 0.05, 0.02)))
  data$o <- factor(sample(1:3, rows, TRUE), ordered = TRUE)
  data$m <- matrix(stats::rnorm(2 * rows), rows, 2L, dimnames = list(NULL, c("a", "b")))
  if (rows > 0L && sample.int(4L, 1L) == 1L) {
    for (name in sample(names(data), 2L)) {
      if (name != "m") data[[name]][sample.int(rows, max(1L, rows %/% 20L))] <- NA
    }
  }
  if (rows > 0L && sample.int(30L, 1L) == 1L) data$x[sample.int(rows, 1L)] <- sample(c(Inf, -Inf), 1L)
  data
}

simple_terms <- c("x", "z", "big", "tiny", "k", "count", "flag", "same", "twice", "text", "f", "g", "o", "m", "I(x^2)",
                  "poly(x, 2)", "factor(k)", "log(z + 1)", "cut(z, 3)", "scale(x)")

random_formula <- function() {
  term <- function() {
    kind <- sample.int(6L, 1L)
    if (kind <= 4L) sample(simple_terms, 1L)
    else paste(sample(setdiff(simple_terms, "poly(x, 2)"), 2L), collapse = if (kind == 5L) ":" else "*")
  }
  terms <- vapply(seq_len(sample(0:4, 1L)), function(i) term(), "")
  if (sample.int(5L, 1L) == 1L) terms <- c(terms, "offset(z)")
  if (sample.int(5L, 1L) == 1L) terms <- c(terms, "-1")
  if (!length(terms)) terms <- "1"
  stats::as.formula(paste("y ~", gsub("+ -1", "- 1", paste(terms, collapse = " + "), fixed = TRUE)))
}

random_model <- function() {
  rows <- random_rows()
  data <- random_frame(rows)
  family <- random_family()
  signal <- 0.5 + 0.4 * data$x - 0.3 * data$z + 0.3 * (data$f == "b")
  signal[!is.finite(signal)] <- 0
  data$y <- random_response(family, if (family$link %in% c("identity", "inverse", "1/mu^2", "sqrt")) abs(signal) + 0.2 else signal)
  if (family$link == "log" && family$family == "binomial") data$y <- as.double(stats::runif(rows) < exp(pmin(signal, 1) - 1.1))
  if (rows > 0L && sample.int(20L, 1L) == 1L) data$y[] <- data$y[1]
  weights <- if (sample.int(3L, 1L) == 1L) random_weights(rows)
  if (!is.null(weights) && is_binomial_name(family)) weights <- as.double(ceiling(pmin(weights, 50)))
  # A family whose functions somebody has touched is called back.
  if (sample.int(12L, 1L) == 1L) body(family$linkinv) <- call("{", body(family$linkinv))
  data$w <- weights
  list(formula = random_formula(), data = data, family = family, weights = weights)
}

is_binomial_name <- function(family) family$family %in% c("binomial", "quasibinomial")

# The value of an expression with the conditions that came on the way.
caught <- function(expression) {
  warnings <- list()
  value <- tryCatch(withCallingHandlers(expression, warning = function(w) {
    warnings[[length(warnings) + 1L]] <<- w
    invokeRestart("muffleWarning")
  }), error = identity)
  list(value = value, warnings = warnings, failed = inherits(value, "error"))
}

fit_by <- function(fitter, model, ...) {
  # Names in place of values: to print the call of a fit would otherwise print its data.
  call <- as.call(list(fitter, model$formula, family = quote(family), data = quote(data), ...))
  if (!is.null(model$weights)) call$weights <- quote(w)
  envir <- list2env(model, parent = globalenv())
  caught(eval(call, envir))
}

run_model_case <- function(seed) {
  set.seed(seed)
  model <- random_model()
  state <- list(.Random.seed, options())
  ours <- fit_by(quote(glmpp::glmpp), model, threads = 1)
  same("the user's random numbers", .Random.seed, state[[1]])
  same("the user's options", options()[names(state[[2]])], state[[2]])
  check_classes(ours)
  theirs <- fit_by(quote(stats::glm), model, control = list(epsilon = 1e-12, maxit = 200))
  outcome <- compare(ours, theirs, model)
  if (!ours$failed) check_fit(ours$value, model)
  outcome
}

# What R itself says of a formula's functions keeps its class.
words_of_r <- "NaNs produced|no non-missing arguments to (min|max)"

check_classes <- function(result) {
  if (result$failed && !inherits(result$value, "glmpp_error")) fail("unclassed error: ", conditionMessage(result$value))
  for (warning in result$warnings) {
    if (!inherits(warning, "glmpp_warning") && !grepl(words_of_r, conditionMessage(warning))) {
      fail("unclassed warning: ", conditionMessage(warning))
    }
  }
}

has_warning <- function(result, class) any(vapply(result$warnings, inherits, NA, paste0("glmpp_warning_", class)))

# glm() at an optimum inside the space, without a complaint.
is_proper <- function(theirs) {
  !theirs$failed && isTRUE(theirs$value$converged) && !theirs$value$boundary && !length(theirs$warnings) &&
    all(is.finite(theirs$value$linear.predictors)) && is.finite(deviance(theirs$value)) &&
    all(is.finite(suppressWarnings(stats::model.matrix(theirs$value))))
}

compare <- function(ours, theirs, model) {
  if (ours$failed) {
    # Without a response above zero the optimum is at the end of the space.
    if (is_proper(theirs) && any(theirs$value$y > 0 & theirs$value$prior.weights > 0)) {
      fail("glm() fits what glmpp() refuses: ", conditionMessage(ours$value))
    }
    return("refused")
  }
  fit <- ours$value
  if (!is.finite(deviance(fit))) fail("the deviance is ", deviance(fit))
  if (has_warning(ours, "separation") || has_warning(ours, "boundary") || has_warning(ours, "convergence")) return("warned")
  if (!is_proper(theirs)) {
    if (!is_exact(fit)) check_score(fit)
    return("alone")
  }
  glm <- theirs$value
  if (glm$rank > fit$rank && keeps_noise(glm)) {
    check_score(fit)
    return("glm() keeps an aliased column")
  }
  # Rounding in a deviance is that of its terms.
  room <- 1e-7 * abs(deviance(glm)) + 1e-12 * sum(fit$prior.weights * (1 + abs(fit$y) + fit$y^2))
  if (deviance(fit) > deviance(glm) + room) {
    if (has_several_optima(model$family)) {
      check_score(fit)
      return("another optimum")
    }
    fail("the deviance is ", format(deviance(fit), digits = 15), "; glm() has ", format(deviance(glm), digits = 15))
  }
  if (!identical(names(coef(fit)), names(coef(glm)))) fail("coefficients have other names than glm()'s")
  is_saturated <- deviance(glm) <= 10 * room
  if (fit$rank == glm$rank && abs(deviance(fit) - deviance(glm)) <= room && !is_saturated) compare_means(fit, glm)
  "agreed"
}

# A column of which rounding alone is left, given the others: poly(x, 2) beside x and x^2.
keeps_noise <- function(glm) {
  kept <- seq_len(glm$rank)
  root <- qr.R(glm$qr)[kept, kept, drop = FALSE]
  any(abs(diag(root)) < 1e-10 * sqrt(colSums(root^2)))
}

# Where the fit is exact, or every response zero, the optimum may be at an end of the space.
is_exact <- function(fit) deviance(fit) <= 1e-9 * sum(fit$prior.weights * (1 + fit$y^2)) || all(fit$y == 0)

# The likelihood need not be unimodal.
has_several_optima <- function(family) {
  family$link %in% c("inverse", "cauchit") || (family$link == "log" && family$family %in% c("gaussian", "inverse.gaussian"))
}

# The mean is unique where the optimum is, however the columns are scaled.
compare_means <- function(fit, glm) {
  used <- fit$prior.weights > 0
  information <- pmax(glm$weights, 1e-300)
  # Without residual degrees of freedom the dispersion is NaN.
  spread <- sqrt(max(summary(glm)$dispersion, 1e-20, na.rm = TRUE) / information)
  difference <- abs(fit$linear.predictors - glm$linear.predictors) / (spread + abs(glm$linear.predictors) + 1e-8)
  if (any(difference[used] > 1e-3)) fail("linear predictors differ from glm()'s by ", format(max(difference[used])))
}

# No silent wrong answer: at an optimum inside the space the score is zero, beside its standard deviation.
check_score <- function(fit) {
  x <- suppressWarnings(stats::model.matrix(fit))[, !is.na(coef(fit)), drop = FALSE]
  pull <- fit$weights * fit$residuals
  pull[fit$weights == 0] <- 0
  score <- abs(crossprod(x, pull))
  deviation <- sqrt(pmax(colSums(x^2 * fit$weights), 0) * max(deviance(fit) / max(1, df.residual(fit)), 1e-10))
  rounding <- 1e-8 * colSums(abs(x * pull))
  if (any(score > 1e-3 * deviation + rounding)) fail("not at an optimum, and no warning: ", solver_text(fit))
}

solver_text <- function(fit) paste(fit$solver$reason, fit$solver$factorization, fit$iter)

# What users do next must work, and threads must not show.
check_fit <- function(fit, model) {
  for (step in list(summary, vcov, stats::residuals, function(fit) utils::capture.output(print(fit)))) {
    result <- caught(step(fit))
    # A fit that has diverged, and said so, may have no standard errors.
    is_said <- !fit$converged && inherits(result$value, "glmpp_error")
    if (result$failed && !is_said) fail("a method fails: ", conditionMessage(result$value))
  }
  again <- fit_by(quote(glmpp::glmpp), model, threads = 3)
  for (part in c("coefficients", "linear.predictors", "weights", "deviance")) {
    same(paste("by three threads", part), again$value[[part]], fit[[part]])
  }
  predicted <- caught(stats::predict(fit, model$data))
  if (predicted$failed) {
    if (!inherits(predicted$value, "glmpp_error")) fail("predict() fails: ", conditionMessage(predicted$value))
    return(invisible())
  }
  # The rows of the fit may be older than its coefficients by a step too short to matter.
  if (has_data_terms(model$formula) || !fit$converged || !is.null(fit$separation) || is_exact(fit)) return(invisible())
  eta <- fit$linear.predictors
  error <- suppressWarnings(stats::predict(fit, model$data, se.fit = TRUE)$se.fit[names(eta)])
  expect_close("predicted rows", predicted$value[names(eta)], eta, abs(eta) + error + largest_part(fit), 1e-6)
}

# cut() at new rows is another cut().
has_data_terms <- function(formula) grepl("cut(", deparse1(formula), fixed = TRUE)

largest_part <- function(fit) {
  x <- suppressWarnings(stats::model.matrix(fit))
  beta <- abs(ifelse(is.na(coef(fit)), 0, coef(fit)))
  if (!length(beta)) 0 else max(abs(x) %*% beta)
}
