# Random calls of the native entry points, each compared with the same sum written in plain R.

core <- function(name) get(name, envir = asNamespace("glmpp"))

pick <- function(...) {
  choices <- list(...)
  choices[[sample.int(length(choices), 1L)]]
}

open_rows <- function(design, family, response) {
  core("open_problem_impl")(list(kind = "rows", design = design, family = core("core_family")(family), response = response))
}

row_counts <- function() {
  pick(0L, 1L, 2L, 3L, 7L, 8L, 9L, 31L, 64L, 65L, sample.int(300L, 1L), 1023L, 1024L, 1025L, 2049L, sample.int(6000L, 1L))
}

special_values <- c(0, -0, 1, -1, Inf, -Inf, NaN, NA, .Machine$double.xmin, 5e-324, -5e-324, .Machine$double.xmax,
                    -.Machine$double.xmax, 1e-300, 1e300, 709.78, 709.79, -745.13, -745.14, 0.5, 2^31, -2^31, 2^53 + 2)

random_doubles <- function(count, wild) {
  values <- switch(sample.int(4L, 1L), stats::rnorm(count), stats::runif(count, -30, 30),
                   stats::rnorm(count) * 10^sample(-12:12, 1L), as.double(sample(0:5, count, TRUE)))
  if (wild && count > 0) {
    at <- sample.int(count, max(1L, count %/% 5L))
    values[at] <- sample(special_values, length(at), TRUE)
  }
  values
}

# A design as blocks.R makes them, and the matrix that it stands for.
random_design <- function(wild = FALSE, rows = row_counts()) {
  if (sample.int(6L, 1L) == 1L && requireNamespace("Matrix", quietly = TRUE)) return(random_sparse(rows, wild))
  variables <- list()
  columns <- list()
  blocks <- list()
  add_variable <- function(values) {
    variables[[length(variables) + 1L]] <<- values
    length(variables)
  }
  dense <- sample(0:7, 1L)
  if (dense > 0L) {
    start <- 0L
    variable <- column <- integer()
    for (k in seq_len(dense)) {
      value <- rep(1, rows)
      for (part in seq_len(sample.int(2L, 1L))) {
        kind <- sample.int(4L, 1L)
        if (kind == 1L) {
          variable <- c(variable, 0L)
          column <- c(column, 1L)
        } else if (kind == 4L) {
          width <- sample.int(3L, 1L)
          values <- matrix(random_doubles(rows * width, wild), rows, width)
          chosen <- sample.int(width, 1L)
          variable <- c(variable, add_variable(values))
          column <- c(column, chosen)
          value <- value * values[, chosen]
        } else {
          values <- if (kind == 2L) random_doubles(rows, wild) else sample(-9:9, rows, TRUE)
          variable <- c(variable, add_variable(values))
          column <- c(column, 1L)
          value <- value * values
        }
      }
      start <- c(start, length(variable))
      columns[[k]] <- value
    }
    blocks <- list(list(kind = "dense", start = as.integer(start), variable = as.integer(variable), column = as.integer(column),
                        position = NULL))
  }
  owners <- rep(1L, dense)
  for (b in seq_len(sample(0:3, 1L))) {
    levels <- sample.int(5L, sample.int(2L, 1L), TRUE)
    first <- sample(0:1, length(levels), TRUE)
    codes <- Map(function(count, from) sample(seq_len(count) - 1L + from, rows, TRUE), levels, first)
    cell <- Reduce(`+`, Map(function(code, from, stride) (code - from) * stride, codes, first,
                            cumprod(c(1L, levels))[seq_along(levels)])) + 1L
    cells <- prod(levels)
    width <- sample.int(cells, 1L)
    contrast <- matrix(sample(c(0, 0, 1, -1, 0.5), cells * width, TRUE), cells, width)
    nonzero <- which(contrast != 0, arr.ind = TRUE)
    factor <- vapply(codes, add_variable, 1L)
    multiplier <- if (sample.int(3L, 1L) == 1L) random_doubles(rows, wild)
    made <- contrast[cell, , drop = FALSE] * (if (is.null(multiplier)) 1 else multiplier)
    blocks[[length(blocks) + 1L]] <- list(
      kind = "categorical", levels = as.integer(levels), first = as.integer(first), cells = as.integer(cells),
      contrast_start = as.integer(c(0, cumsum(tabulate(nonzero[, 2], width)))),
      contrast_row = as.integer(nonzero[, 1]), contrast_value = contrast[nonzero], factor = as.integer(factor),
      variable = if (is.null(multiplier)) integer() else add_variable(multiplier),
      column = if (is.null(multiplier)) integer() else 1L, position = NULL
    )
    columns <- c(columns, lapply(seq_len(width), function(j) made[, j]))
    owners <- c(owners, rep(length(blocks), width))
  }
  count <- length(columns)
  position <- sample.int(count)
  for (b in seq_along(blocks)) blocks[[b]]$position <- position[owners == b]
  x <- matrix(0, rows, count)
  for (k in seq_len(count)) x[, position[k]] <- columns[[k]]
  list(design = list(rows = rows, coefficients = count, variables = variables, blocks = blocks), x = x)
}

random_sparse <- function(rows, wild) {
  count <- sample.int(6L, 1L)
  x <- matrix(random_doubles(rows * count, FALSE) * (stats::runif(rows * count) < 0.3), rows, count)
  sparse <- methods::as(methods::as(Matrix::Matrix(x, rows, count, sparse = TRUE), "generalMatrix"), "CsparseMatrix")
  list(design = core("sparse_design")(sparse), x = x)
}

# Sums of products in another order: the scale of an error is that of the terms.
expect_close <- function(what, ours, theirs, scale, tolerance = 1e-11) {
  ours <- as.vector(ours)
  theirs <- as.vector(theirs)
  if (length(ours) != length(theirs)) fail(what, ": ", length(ours), " values in place of ", length(theirs))
  certain <- is.finite(theirs) & is.finite(scale)
  wrong <- which(certain & !(abs(ours - theirs) <= tolerance * scale + 1e-300))
  if (length(wrong)) {
    fail(what, ": element ", wrong[1], " is ", format(ours[wrong[1]], digits = 17), ", not ",
         format(theirs[wrong[1]], digits = 17))
  }
}

fail <- function(...) stop(structure(class = c("fuzz_finding", "error", "condition"), list(message = paste0(...), call = NULL)))

same <- function(what, ours, theirs) {
  if (!identical(ours, theirs)) fail(what, ": ", deparse1(utils::head(ours, 5)), ", not ", deparse1(utils::head(theirs, 5)))
}

entry_cases <- list(
  linear_predictor = function() {
    made <- random_design(wild = sample.int(2L, 1L) == 1L)
    beta <- random_doubles(ncol(made$x), FALSE)
    ours <- core("linear_predictor_impl")(made$design, beta, sample.int(4L, 1L))
    expect_close("linear predictor", ours, made$x %*% beta, abs(made$x) %*% abs(beta))
  },
  design_rows = function() {
    made <- random_design()
    if (!nrow(made$x)) return(invisible())
    rows <- sample.int(nrow(made$x), sample.int(5L, 1L), TRUE)
    ours <- core("design_rows_impl")(made$design, as.double(rows))
    expect_close("rows of the design", ours, made$x[rows, ], abs(made$x[rows, ]))
  },
  quadratic_forms = function() {
    made <- random_design()
    count <- ncol(made$x)
    estimable <- sort(sample.int(count, sample(0:count, 1L)))
    root <- diag(1 + stats::runif(length(estimable)), length(estimable))
    root[upper.tri(root)] <- stats::rnorm(sum(upper.tri(root))) / 4
    ours <- core("quadratic_forms_impl")(made$design, root, estimable, sample.int(4L, 1L))
    inverse <- if (length(estimable)) backsolve(root, diag(length(estimable))) else root
    x <- made$x[, estimable, drop = FALSE]
    expect_close("quadratic forms", ours, rowSums((x %*% inverse)^2), rowSums((abs(x) %*% abs(inverse))^2))
  },
  cross_products = function() {
    made <- random_design()
    rows <- nrow(made$x)
    values <- random_doubles(rows, FALSE)
    group <- sample.int(4L, rows, TRUE)
    threads <- sample.int(4L, 1L)
    size <- abs(made$x)
    expect_close("X'r", core("cross_product_impl")(made$design, values, threads), crossprod(made$x, values),
                 crossprod(size, abs(values)))
    expect_close("X' diag(w) X", core("weighted_cross_product_impl")(made$design, values, threads),
                 crossprod(made$x, values * made$x), crossprod(size, abs(values) * size))
    member <- outer(group, 1:4, `==`) + 0
    weights <- abs(values)
    if (rows > 0) weights[sample.int(rows, 1L)] <- 0
    residuals <- sign(values)
    scores <- weights * residuals
    expect_close("X'r by group", core("group_scores_impl")(made$design, weights, residuals, group, 4L, threads),
                 crossprod(member, scores * made$x), crossprod(member, abs(scores) * size))
    expect_close("X' diag(r^2) X", core("squared_scores_impl")(made$design, weights, residuals, NULL, threads),
                 crossprod(made$x, scores^2 * made$x), crossprod(size, scores^2 * size))
  },
  row_model = function() {
    family <- random_family()
    count <- row_counts()
    eta <- random_doubles(count, sample.int(2L, 1L) == 1L)
    y <- random_response(family, pmin(pmax(eta, -5), 5))
    weights <- random_weights(count)
    ours <- core("row_model_impl")(core("core_family")(family), eta, y, weights)
    usable <- abs(eta) < 20 & is.finite(eta)
    if (!count || !all(usable) || !isTRUE(suppressWarnings(family$valideta(eta)))) return(invisible())
    mean <- suppressWarnings(family$linkinv(eta))
    if (!all(is.finite(mean)) || !isTRUE(family$validmu(mean))) return(invisible())
    expect_close(paste(family$family, family$link, "mean"), ours$mean, mean, abs(mean) + 1e-12, 1e-9)
    deviance <- suppressWarnings(sum(family$dev.resids(y, mean, weights)))
    if (all(abs(eta) < 6)) {
      expect_close(paste(family$family, family$link, "deviance"), ours$deviance, deviance,
                   abs(deviance) + sum(weights * abs(y)), 1e-8)
    }
  },
  deviance = function() {
    made <- random_design()
    if (!nrow(made$x)) return(invisible())
    family <- random_family()
    scale <- max(abs(made$x), 1)
    beta <- stats::rnorm(ncol(made$x)) / scale / 4 / ncol(made$x)
    offset <- if (family$link %in% c("inverse", "1/mu^2", "identity", "sqrt")) rep(3, nrow(made$x))
    if (family$link == "identity" && family$family == "binomial") offset <- offset / 6
    eta <- as.vector(made$x %*% beta) + (if (is.null(offset)) 0 else offset)
    y <- random_response(family, eta)
    weights <- if (sample.int(2L, 1L) == 1L) random_weights(length(y))
    response <- list(y = y, weights = weights, offset = offset, start_eta = NULL)
    ours <- core("evaluate_impl")(open_rows(made$design, family, response), beta, list(need = character(), threads = sample.int(3L, 1L)))$deviance
    theirs <- sum(family$dev.resids(y, family$linkinv(eta), if (is.null(weights)) rep(1, length(y)) else weights))
    expect_close(paste(family$family, family$link, "deviance"), ours, theirs,
                 theirs + sum(abs(y) * (if (is.null(weights)) 1 else weights)), 1e-7)
  },
  scan_columns = function() {
    rows <- row_counts()
    columns <- lapply(seq_len(sample.int(5L, 1L)), function(k) {
      switch(sample.int(5L, 1L), random_doubles(rows, TRUE), random_doubles(rows, FALSE), sample(c(1:3, NA), rows, TRUE),
             sample(c(TRUE, FALSE, NA), rows, TRUE), matrix(random_doubles(rows * 2L, TRUE), rows, 2L))
    })
    columns <- c(columns, list(sample(c("a", NA), rows, TRUE)))
    ours <- core("scan_columns_impl")(columns, rows, sample.int(3L, 1L))
    same("missing values", ours$missing, vapply(columns, function(column) as.double(sum(is.na(column))), 0))
    missing <- Reduce(`|`, lapply(columns, function(column) if (is.matrix(column)) rowSums(is.na(column)) > 0 else is.na(column)))
    same("rows with missing values", as.double(ours$rows), as.double(which(missing)))
    infinite <- vapply(columns, function(column) {
      at <- if (is.double(column)) which(is.infinite(as.vector(column)))
      if (length(at)) (at[1] - 1) %% rows + 1 else 0
    }, 0)
    same("first infinite rows", ours$first_infinite, infinite)
  },
  used_levels = function() {
    levels <- sample.int(6L, 1L)
    codes <- sample(c(seq_len(levels), NA), row_counts(), TRUE)
    same("used levels", core("used_levels_impl")(codes, levels), seq_len(levels) %in% codes)
  },
  summarise_numeric = function() {
    count <- row_counts()
    values <- switch(sample.int(3L, 1L), random_doubles(count, TRUE), sample(c(0:1, NA), count, TRUE), sample(-5:5, count, TRUE))
    ours <- core("summarise_numeric_impl")(values)
    finite <- values[is.finite(values)]
    same("least value", as.double(ours$min), as.double(min(c(finite, Inf))))
    same("largest value", as.double(ours$max), as.double(max(c(finite, -Inf))))
    same("first bad element", ours$first_bad, as.double(c(which(!is.finite(values)), 0)[1]))
    same("whole numbers", ours$all_integer, all(finite == floor(finite)))
    same("zeros and ones", ours$only_zero_one, !any(!is.finite(values)) && all(finite %in% 0:1))
  },
  vector_math = function() {
    x <- random_doubles(row_counts(), TRUE)
    reference <- list(exp = exp, expm1 = expm1, log = log, log1p = log1p, logistic = stats::plogis)
    name <- sample(names(reference), 1L)
    core("limit_instruction_set_impl")(sample(0:2, 1L))
    on.exit(core("limit_instruction_set_impl")(2L))
    ours <- core("vector_math_impl")(name, x)
    theirs <- suppressWarnings(reference[[name]](x))
    same(paste(name, "of special values is NaN"), which(is.na(ours)), which(is.na(theirs)))
    same(paste(name, "is infinite"), which(is.infinite(ours)), which(is.infinite(theirs)))
    # The last digits of denormal results are not promised.
    normal <- abs(theirs) > .Machine$double.xmin
    expect_close(name, ours[normal], theirs[normal], abs(theirs[normal]), 1e-15)
  },
  # A path over some columns at a time has the optima of one over all; both by the definition.
  path = function() {
    made <- random_path_design()
    family <- pick(stats::gaussian(), stats::poisson(), stats::binomial())
    rows <- nrow(made$x)
    rms <- sqrt(colMeans(made$x^2))
    rms[!(rms > 0)] <- 1
    y <- random_response(family, as.vector(made$x %*% (stats::rnorm(ncol(made$x)) / rms / sqrt(ncol(made$x)))))
    weights <- if (sample.int(2L, 1L) == 1L) as.double(sample(0:3, rows, TRUE))
    total <- if (is.null(weights)) rows else sum(weights)
    if (!(total > 0)) return(invisible())
    request <- random_path_request(made$x, weights, rms, total)
    response <- list(y = y, weights = weights, offset = NULL, start_eta = NULL)
    found <- lapply(c(TRUE, FALSE), function(is_wide) {
      core("fit_path_impl")(open_rows(made$design, family, response), c(request, is_wide = is_wide, threads = sample.int(3L, 1L)))
    })
    for (one in found) check_path(one, made$x, y, weights, family, request, rms, total)
  },
  # Any coefficients, start and response: an answer of the right size, or an error.
  fit = function() {
    made <- random_design(wild = sample.int(4L, 1L) == 1L)
    family <- random_family()
    y <- random_doubles(nrow(made$x), sample.int(4L, 1L) == 1L)
    if (sample.int(2L, 1L) == 1L) y <- random_response(family, pmin(pmax(y, -3), 3))
    settings <- core("new_settings")(list(maxit = sample(1:30, 1L)), "auto", sample.int(3L, 1L))
    response <- list(y = y, weights = if (sample.int(2L, 1L) == 1L) random_weights(length(y)), offset = NULL, rows = length(y),
                     core_family = core("core_family")(family), start_eta = NULL, is_bernoulli = FALSE,
                     mean = mean(y))
    start <- if (sample.int(2L, 1L) == 1L) random_doubles(ncol(made$x), FALSE)
    schema <- list(columns = sprintf("x%d", seq_len(ncol(made$x))), intercept = FALSE)
    solve <- function() core("solve_problem")(core("row_problem")(made$design, response, family, schema, settings), start)
    solution <- tryCatch(suppressWarnings(solve()), glmpp_error = function(e) NULL)
    if (is.null(solution)) return(invisible())
    same("length of the coefficients", length(solution$coefficients), ncol(made$x))
    same("columns", sort(c(solution$estimable, solution$aliased)), seq_len(ncol(made$x)))
    same("length of the means", length(solution$mean), length(y))
    if (solution$converged && !all(is.finite(solution$coefficients))) fail("converged to coefficients that are not finite")
  }
)

# Sometimes with so many columns that the path goes along them.
random_path_design <- function() {
  rows <- pick(2L, 9L, 64L, 200L, 700L)
  if (sample.int(3L, 1L) > 1L) return(random_design(rows = rows))
  x <- matrix(stats::rnorm(rows * 130L), rows) + sample(0:9, 1L)
  if (requireNamespace("Matrix", quietly = TRUE) && sample.int(2L, 1L) == 1L) x[sample.int(length(x), length(x) %/% 2L)] <- 0
  stored <- if (any(x == 0)) Matrix::Matrix(x, sparse = TRUE) else x
  list(design = core("path_matrix_design")(stored), x = cbind(1, x))
}

random_path_request <- function(x, weights, rms, total) {
  count <- ncol(x)
  penalised <- sort(sample.int(count, sample(0:count, 1L)))
  share <- pick(1, 0.5)
  w <- if (is.null(weights)) rep(1, nrow(x)) else weights
  mean <- colSums(w * x) / total
  list(penalty = list(columns = as.list(penalised), coding = lapply(1 / rms[penalised], matrix), norm = rep(share, length(penalised)),
                      square = rep(1 - share, length(penalised)), lower = rep(pick(-Inf, 0), length(penalised)), upper = rep(Inf, length(penalised))),
       lambdas = list(given = numeric(), count = 8, ratio = pick(0.1, 0.001), most_explained = 1, least_gain = 0, relax = pick(TRUE, FALSE)),
       start = numeric(count), weight = total, tolerance = 1e-6, iterations = 60L, scale = rms, rows = FALSE,
       norm = sqrt(colSums(w * sweep(x, 2, mean)^2)), mean = abs(mean), solver = core("new_settings")(list(), "auto", 1L)$solver)
}

check_path <- function(found, x, y, weights, family, request, rms, total) {
  w <- if (is.null(weights)) rep(1, nrow(x)) else weights
  penalty <- request$penalty
  penalised <- unlist(penalty$columns)
  for (k in which(found$converged != 0)) {
    beta <- found$coefficients[, k]
    if (!all(is.finite(beta))) fail("converged to coefficients that are not finite")
    fitted <- family$linkinv(as.vector(x %*% beta))
    slope <- as.vector(crossprod(x, w * (y - fitted))) / total / rms
    # Where the free columns fit all of it the unit is rounding itself.
    noise <- 1e-11 * as.vector(crossprod(abs(x), w * (abs(y) + abs(fitted)))) / total / rms + 2e-6 * found$unit
    free <- setdiff(seq_along(beta), penalised)
    if (any(abs(slope[free]) > noise[free])) fail("a free coefficient is not optimal at lambda ", k)
    theta <- (beta * rms)[penalised]
    up <- slope[penalised] - found$lambda[k] * penalty$square * theta
    norm <- found$lambda[k] * penalty$norm
    far <- ifelse(theta == 0, pmax(up - norm, ifelse(penalty$lower < 0, -up - norm, 0), 0), abs(up - sign(theta) * norm))
    if (any(far > noise[penalised])) fail("a penalised coefficient is not optimal at lambda ", k, ": ", max(far / found$unit))
  }
}

run_entry_case <- function(seed) {
  set.seed(seed)
  name <- sample(names(entry_cases), 1L)
  entry_cases[[name]]()
  name
}
