# Random models of real data, and an independent word on where their optimum is.

convergence_sources <- list(
  datasets = c("mtcars", "iris", "airquality", "warpbreaks", "ToothGrowth", "InsectSprays", "esoph", "infert", "swiss", "trees",
               "stackloss", "cars", "attitude", "LifeCycleSavings", "chickwts", "Puromycin", "CO2", "rock", "faithful"),
  MASS = c("birthwt", "bacteria", "quine", "Insurance", "cpus", "Cars93", "Pima.tr", "UScrime", "anorexia", "cats", "crabs",
           "epil", "hills", "petrol", "whiteside", "survey"),
  survival = c("lung", "ovarian", "veteran"),
  boot = c("nodal", "urine", "melanoma", "nuclear", "poisons", "remission")
)

convergence_links <- list(
  binomial = c("logit", "probit", "cloglog", "cauchit", "log", "identity"), poisson = c("log", "identity", "sqrt"),
  Gamma = c("inverse", "identity", "log"), inverse.gaussian = c("1/mu^2", "inverse", "identity", "log"),
  gaussian = c("log", "inverse")
)

# Complete rows, columns that vary, factors of few levels, at most 500 rows spread over the data.
convergence_data <- function() {
  sets <- list()
  for (package in names(convergence_sources)) {
    if (!requireNamespace(package, quietly = TRUE)) next
    for (name in convergence_sources[[package]]) {
      room <- new.env()
      if (package == "survival") utils::data("cancer", package = package, envir = room)
      if (is.null(room[[name]])) suppressWarnings(utils::data(list = name, package = package, envir = room))
      if (!is.null(room[[name]])) sets[[name]] <- usable_columns(as.data.frame(room[[name]]))
    }
  }
  sets
}

usable_columns <- function(data) {
  missing <- vapply(data, function(column) mean(is.na(column)), 0)
  data <- stats::na.omit(data[missing < 0.2])
  data <- data[round(seq(1, nrow(data), length.out = min(nrow(data), 500))), , drop = FALSE]
  few <- vapply(data, function(column) {
    if (is.numeric(column)) return(length(unique(column)) > 1)
    (is.factor(column) || is.character(column) || is.logical(column)) && length(unique(column)) %in% 2:6
  }, NA)
  droplevels(as.data.frame(lapply(data[few], function(column) {
    if (is.numeric(column)) as.double(column) else factor(as.character(column))
  })))
}

# One call: family, link, response and terms at random; NULL when the data have no fitting response.
random_call <- function(sets) {
  data <- sets[[sample(length(sets), 1)]]
  family <- sample(names(convergence_links), 1)
  link <- sample(convergence_links[[family]], 1)
  fits <- vapply(data, fits_family, NA, family = family)
  if (!any(fits) || ncol(data) < 2) return(NULL)
  response <- sample(names(data)[fits], 1)
  terms <- sample(setdiff(names(data), response), min(ncol(data) - 1, sample(4, 1)))
  data$response <- as_response_of(data[[response]], family)
  formula <- stats::reformulate(terms, "response")
  if (ncol(stats::model.matrix(formula, data)) > nrow(data) / 3) return(NULL)
  make <- get(family, envir = asNamespace("stats"))
  list(formula = formula, data = data[c("response", terms)], family = do.call(make, list(link = link)))
}

fits_family <- function(column, family) {
  switch(family,
    binomial = length(unique(column)) == 2 || (is.numeric(column) && length(unique(column)) > 5),
    poisson = is.numeric(column) && all(column >= 0) && all(column == round(column)) && max(column) < 1000,
    gaussian = , Gamma = , inverse.gaussian = is.numeric(column) && all(column > 0) && length(unique(column)) > 5
  )
}

as_response_of <- function(column, family) {
  if (family != "binomial") return(column)
  if (is.factor(column)) return(as.double(column == levels(column)[1]))
  if (length(unique(column)) == 2) return(as.double(column == max(column)))
  as.double(column > stats::quantile(column, stats::runif(1, 0.2, 0.8)))
}

# ---- The independent word ----

# The deviance over an orthonormal basis of the columns, so that a general optimiser is not hindered by scales.
deviance_problem <- function(formula, data, family, offset = NULL, weights = NULL) {
  x <- stats::model.matrix(formula, data)
  y <- stats::model.response(stats::model.frame(formula, data))
  if (is.matrix(y)) {
    weights <- rowSums(y)
    y <- y[, 1] / weights
  }
  if (is.null(weights)) weights <- rep(1, length(y))
  if (is.null(offset)) offset <- rep(0, length(y))
  decomposition <- qr(x)
  basis <- qr.Q(decomposition)[, seq_len(decomposition$rank), drop = FALSE] * sqrt(nrow(x))
  deviance_of <- function(b) {
    eta <- offset + drop(basis %*% b)
    if (!all(is.finite(eta)) || !allowed_predictor(family, eta)) return(Inf)
    mu <- family$linkinv(eta)
    if (!family$validmu(mu)) return(Inf)
    value <- sum(family$dev.resids(y, mu, weights))
    if (is.finite(value)) value else Inf
  }
  gradient_of <- function(b) {
    eta <- offset + drop(basis %*% b)
    mu <- family$linkinv(eta)
    drop(crossprod(basis, -2 * weights * (y - mu) * family$mu.eta(eta) / family$variance(mu)))
  }
  list(basis = basis, offset = offset, deviance = deviance_of, gradient = gradient_of,
       at = function(eta) drop(crossprod(basis, eta - offset)) / nrow(x))
}

# Where glm() has a mean for a predictor that the family's link does not reach.
allowed_predictor <- function(family, eta) {
  if (family$link %in% c("sqrt", "1/mu^2") || (family$link == "inverse" && family$family != "gaussian")) return(all(eta > 0))
  family$valideta(eta)
}

# The lowest deviance that long optimisations find from near `eta` and from the common mean.
lowest_deviance <- function(problem, eta, others = list()) {
  starts <- c(list(problem$at(eta)), others)
  spread <- stats::sd(eta - problem$offset) + 1e-3
  near <- problem$at(eta)
  for (k in 1:2) starts <- c(starts, list(near + stats::rnorm(length(near), sd = 0.1 * spread)))
  values <- vapply(starts, function(start) {
    if (!is.finite(problem$deviance(start))) return(Inf)
    gradient <- function(b) if (is.finite(problem$deviance(b))) problem$gradient(b) else rep(0, length(b))
    run <- function(start) {
      suppressWarnings(tryCatch(stats::nlminb(start, problem$deviance, gradient, control = list(iter.max = 500, eval.max = 1000)),
                                error = function(e) list(par = start, objective = Inf)))
    }
    first <- run(start)
    polished <- suppressWarnings(tryCatch(
      stats::optim(first$par, problem$deviance, gradient, method = "BFGS", control = list(maxit = 500, reltol = 1e-13))$value,
      error = function(e) Inf))
    min(first$objective, polished)
  }, 0)
  min(values)
}

# Solved: converged, every mean valid, and no lower deviance found.
compare_convergence <- function(case, seed) {
  set.seed(seed)
  problem <- deviance_problem(case$formula, case$data, case$family)
  run <- function(fitter) {
    tryCatch(suppressWarnings(fitter(case$formula, case$family, case$data)), error = function(e) NULL)
  }
  ours <- run(glmpp)
  theirs <- run(stats::glm)
  middle <- tryCatch(problem$at(rep(case$family$linkfun(mean(case$data$response)), nrow(case$data))), error = function(e) NULL)
  found <- Inf
  for (fit in list(ours, theirs)) {
    if (!is.null(fit)) found <- min(found, lowest_deviance(problem, unname(fit$linear.predictors), list(middle)))
  }
  if (!is.finite(found)) found <- lowest_deviance(problem, rep(case$family$linkfun(mean(case$data$response)), nrow(case$data)))
  slack <- 1e-6 * (abs(found) + 0.1)
  is_solved <- function(fit) !is.null(fit) && isTRUE(fit$converged) && is.finite(fit$deviance) && fit$deviance <= found + slack
  data.frame(family = case$family$family, link = case$family$link, ours = is_solved(ours), glm = is_solved(theirs),
             boundary = !is.null(ours) && isTRUE(ours$boundary), failed = is.null(ours),
             reason = if (is.null(ours)) "error" else ours$solver$reason, excess = if (is.null(ours)) NA else ours$deviance - found,
             glm_excess = if (is.null(theirs)) NA else theirs$deviance - found, found = found, seed = seed)
}

# `count` calls from consecutive seeds.
convergence_record <- function(count, first_seed = 1) {
  sets <- convergence_data()
  rows <- list()
  seed <- first_seed - 1
  while (length(rows) < count) {
    seed <- seed + 1
    set.seed(seed)
    case <- random_call(sets)
    if (!is.null(case)) rows[[length(rows) + 1]] <- compare_convergence(case, seed)
  }
  do.call(rbind, rows)
}
