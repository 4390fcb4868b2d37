#' Paths of penalised fits
#'
#' Fits along a sequence of penalties, from the least at which all penalised coefficients are zero downwards, each from the one
#' before: the formula, the families and the homes of data of [glmpp()], where glmnet takes a matrix.
#'
#' @param formula As in [glmpp()]; or a numeric matrix or a `Matrix::dgCMatrix` of predictors (an intercept is added), with `y`.
#' @param family As in [glmpp()]; also [multinomial()] (fitted without a baseline, as glmnet does) with its rows in memory. A parameter of
#'   a family's own must be
#'   given, as in `negative_binomial(2)`.
#' @param data,weights,subset,na.action,offset,contrasts As in [glmpp()]; `data` may also say where the rows are: [chunks()],
#'   [csv_chunks()], [parquet_chunks()], [on_cluster()] or [in_database()]. A pass over all of them is made for each score.
#' @param penalty What [lasso()], [elastic_net()] or [group_lasso()] makes.
#' @param lambda Numbers of at least 0, taken in descending order; NULL makes `nlambda` of them, at equal steps of the logarithm.
#' @param nlambda,lambda_ratio How many, and the ratio of the last to the first: by default 1e-4, or 0.01 where there are fewer rows than
#'   coefficients. A
#'   path that is made so ends early where 99.9 % of the deviance is explained, or another lambda explains less than 1e-5 of that more.
#' @param y The response, where `formula` is a matrix.
#' @param relax Should the unpenalised fit of what is not zero be found for each lambda too (of one mean a row only)? [coef()] and
#'   [predict()] mix the two by their `gamma`.
#' @param tolerance Convergence: no coefficient's (or group's) optimality condition is violated by more than this share of the largest
#'   standardised gradient
#'   of the null model.
#' @param maxit Most steps for one lambda.
#' @param threads As in [glmpp()].
#' @returns An object of class `glmpp_path`: `lambda`; `coefficients`, a matrix with a column for each (several classes: one below the
#'   other);
#'   `deviance`, `dev_ratio` (the share of the null deviance explained), `df` (coefficients that are not zero, the free ones among them);
#'   `violation`, the largest that is left, in the unit of `tolerance`, `converged`, `steps`; `lambda_max`, the least lambda at which all
#'   penalised
#'   coefficients are zero; `relaxed`, NULL or a list of `coefficients`, `deviance` and `dev_ratio` of the unpenalised fits, NA where
#'   there are no more rows than coefficients, or no optimum was found (a warning of class `glmpp_warning_separation` names lambdas
#'   whose columns explain all of a binomial deviance; what separates some of the rows is found by [select_fit()], not here);
#'   `null.deviance`, `log_likelihood`, `nobs`, `passes`; `penalty`, `family`, `call`, `terms`. Its methods:
#'   [coef()],
#'   [predict()], [plot()], [AIC()], [BIC()], [select_fit()], see [path_methods].
#' @details
#' The method is a proximal Newton one: the quadratic model of the deviance is minimised together with the penalty by descent along
#' coordinates and
#' groups, on the information matrix in the p coefficients, with the free coefficients eliminated; the scores are those of the
#' point, the information is renewed when steps by an older one slow down. A gaussian path with the identity link takes one pass. With
#' more than 30 numeric columns
#' (1,500 of a gaussian path) in memory the information is that of columns that may enter (the strong rules), and the others are asked
#' whether one is missing, but those that what the residuals have moved since can't have brought in (a bound by Cauchy and Schwarz).
#' Where more than 100 columns may enter, none of them in a group, the quadratic model is minimised along the columns themselves, and
#' no matrix of p x p is formed, unless columns are so alike that this is slow.
#' @section Conditions:
#' Errors of class `glmpp_error_argument` for a penalty, bounds or factors that do not fit the model, `glmpp_error_start` where the null
#' model has no valid mean,
#' `glmpp_error_memory` for an information that has no place. A warning of class `glmpp_warning_convergence` names the first lambda whose
#' fit did
#' not converge.
#' @references Friedman, J., Hastie, T. and Tibshirani, R. (2010) Regularization paths for generalized linear models via coordinate descent,
#'   *Journal of Statistical Software* 33(1). Lee, J., Sun, Y. and Saunders, M. (2014) Proximal Newton-type methods for minimizing
#'   composite functions,
#'   *SIAM Journal on Optimization* 24, 1420-1443. Tibshirani, R. and others (2012) Strong rules for discarding predictors in lasso-type
#'   problems,
#'   *Journal of the Royal Statistical Society B* 74, 245-266. Meinshausen, N. (2007) Relaxed lasso, *Computational Statistics & Data
#'   Analysis* 52, 374-393. Hastie, T., Tibshirani, R. and Tibshirani, R. (2020) Best subset, forward stepwise or lasso?, *Statistical
#'   Science* 35, 579-592.
#' @examples
#' path <- glmpp_path(mpg ~ ., gaussian, mtcars)
#' path
#' coef(path, s = 0.5)
#' select_fit(path, "bic")
#' @export
glmpp_path <- function(formula, family = gaussian, data, penalty = lasso(), lambda = NULL, nlambda = 100, lambda_ratio = NULL,
                       weights, subset, na.action, offset, contrasts = NULL, y = NULL, relax = FALSE, tolerance = 1e-7, maxit = 100,
                       threads = NULL) {
  call <- match.call()
  settings <- path_settings(penalty, lambda, nlambda, lambda_ratio, relax, tolerance, maxit, threads)
  family <- path_family(as_family(family, parent.frame()), relax)
  if (missing(formula)) stop_glmpp("argument", "`formula` must be given: a formula, or a matrix of predictors with `y`.")
  if (is.matrix(formula) || inherits(formula, "dgCMatrix")) {
    given <- list(weights = if (!missing(weights)) weights, offset = if (!missing(offset)) offset)
    open <- open_matrix_path(formula, y, family, given, settings)
  } else {
    formula <- check_formula(formula, parent.frame())
    refuse_absorbed(formula, "paths")
    if (missing(data)) data <- environment(formula)
    if (is_source(data)) return(far_path(call, family, data, parent.frame(), contrasts, settings))
    open <- open_frame_path(call, formula, family, data, parent.frame(), contrasts, settings)
  }
  path <- follow_penalty(open$problem, settings)
  close_problem(open$problem)
  new_path(path, open, settings, call)
}

path_settings <- function(penalty, lambda, nlambda, lambda_ratio, relax, tolerance, maxit, threads) {
  if (!is_separable(penalty)) {
    stop_glmpp("argument", "`penalty` must be made by lasso(), elastic_net() or group_lasso().",
               x = if (inherits(penalty, "glmpp_penalty")) sprintf("It is %s.", format(penalty)) else sprintf("It is %s.", value_text(penalty)),
               i = if (inherits(penalty, "glmpp_penalty")) "For a path of ridge penalties: `elastic_net(alpha = 0)`.")
  }
  lambda <- lambda %||% penalty$lambda
  if (!is.null(lambda)) check_lambda(lambda)
  check_count(nlambda, "nlambda")
  if (nlambda < 2) stop_glmpp("argument", "`nlambda` must be at least 2.", i = "Give `lambda` for a single one.")
  if (!is.null(lambda_ratio)) check_share(lambda_ratio, "lambda_ratio")
  check_flag(relax, "relax")
  check_positive(tolerance, "tolerance")
  check_count(maxit, "maxit")
  settings <- new_settings(list(maxit = maxit), "auto", threads)
  if (!is.null(lambda)) lambda <- sort(unique(as.double(lambda)), decreasing = TRUE)
  c(settings, list(separable = penalty, relax = relax, lambda = lambda, nlambda = nlambda,
                   lambda_ratio = lambda_ratio, tolerance = tolerance))
}

path_family <- function(family, relax = FALSE) {
  refuse_estimated(family, "A path")
  if (!has_categories(family)) return(family)
  if (is_ordinal(family)) stop_glmpp("family", "There are no paths of ordinal models yet.", i = "Take `multinomial()`, or one category against the rest by `binomial`.")
  if (relax) stop_glmpp("family", "Paths of multinomial() are not relaxed.", i = "Refit what a lambda chooses by `select_fit()`.")
  multinomial(baseline = FALSE)
}

open_frame_path <- function(call, formula, family, data, envir, contrasts, settings) {
  frame <- read_frame(call, envir, settings$threads, formula, data)
  schema <- new_schema(frame, contrasts)
  list(problem = open_frame_rows(frame, schema, family, settings), schema = schema, frame = frame, formula = formula)
}

open_frame_rows <- function(frame, schema, family, settings) {
  design <- design_blocks(schema, frame)
  if (!is_wide(design, family, settings)) check_information_memory(design, schema, settings)
  if (!has_categories(family)) {
    return(row_problem(design, read_response(frame, family, NULL, settings$threads), family, schema, settings))
  }
  response <- read_categories(frame, family, settings$threads)
  undetermined <- if (schema$intercept) 1L else integer()
  problem <- category_problem(design, response, schema, category_settings(settings, design, response), undetermined)
  problem$path_start <- core_start(category_start(NULL, design, response, schema))
  problem$facts$mean_weight <- sum(response$totals) / design$rows
  problem
}

open_matrix_path <- function(x, y, family, given, settings) {
  if (is.null(y)) stop_glmpp("argument", "`y` must be given: `formula` is a matrix.")
  if (has_categories(family)) stop_glmpp("family", "multinomial() takes a formula.", i = "Write `glmpp_path(y ~ x, multinomial())`, with `x` the matrix.")
  names <- colnames(x) %||% sprintf("x%d", seq_len(ncol(x)))
  is_sparse <- inherits(x, "dgCMatrix")
  x <- check_design_matrix(x, NROW(y), is_sparse)
  check_matrix_values(x, is_sparse, settings$threads)
  schema <- list(intercept = TRUE, columns = c("(Intercept)", names))
  design <- path_matrix_design(x)
  response <- new_response(y, given$weights, given$offset, NULL, NULL, family, NULL, threads = settings$threads)
  if (!is_wide(design, family, settings)) check_information_memory(design, schema, settings)
  list(problem = row_problem(design, response, family, schema, settings), schema = schema, x_names = names)
}

# With an intercept first.
path_matrix_design <- function(x) {
  if (inherits(x, "dgCMatrix")) return(sparse_design(cbind(1, x)))
  part <- dense_part(c(0L, rep.int(1L, ncol(x))), c(1L, seq_len(ncol(x))), seq_len(ncol(x) + 1L))
  list(rows = nrow(x), coefficients = ncol(x) + 1L, variables = list(x), blocks = dense_block(part))
}

# Whether descents go over columns that may enter: where the information of all would cost more than passes that look for them.
is_wide <- function(design, family, settings) {
  if (has_categories(family) || settings$separable$alpha == 0) return(FALSE)
  numeric_columns(design) > if (is_quadratic(family)) 1500 else 30
}

numeric_columns <- function(design) {
  sum(vapply(design$blocks, function(block) if (block$kind == "categorical") 0L else length(block$position), 1L))
}

# One pass says all of it.
is_quadratic <- function(family) identical(family$family, "gaussian") && identical(family$link, "identity")

# What the core needs to know, and what it finds.
follow_penalty <- function(problem, settings) {
  request <- path_request(problem, settings)
  request$lambdas <- path_lambdas(problem, settings, request$weight)
  progress <- patient_progress("Penalties", max(length(settings$lambda), settings$nlambda))
  on.exit(progress$done())
  if (wants_progress()) request$tick <- progress$tick
  found <- fit_path_impl(problem$core, request)
  if (!found$has_start) problem$no_start()
  found$request <- request
  found
}

path_request <- function(problem, settings) {
  copies <- if (has_categories(problem$family)) list(count = length(problem$response$classes), across = settings$separable$across_classes)
            else list(count = 1, across = FALSE)
  moments <- design_moments(problem, settings$separable$standardize)
  scale <- sqrt(moments$square)
  scale[scale == 0] <- 1
  spread <- sqrt(pmax(moments$square - moments$mean^2, 0))
  weight <- total_weight(problem)
  list(spread = rep(spread, copies$count), norm = spread * sqrt(weight), mean = abs(moments$mean),
       penalty = separable_groups(settings$separable, problem$schema, moments, copies),
       start = path_start(problem), weight = weight, tolerance = settings$tolerance,
       iterations = settings$maxit, scale = rep(scale, copies$count),
       is_wide = is.null(problem$home) && is_wide(problem$design, problem$family, settings), threads = settings$threads,
       solver = settings$solver, rows = FALSE)
}

path_start <- function(problem) as.double(problem$path_start %||% problem$anchor %||% numeric(length(problem$names)))

# In the unit of the mean. What is said of glmnet's ends of a path holds here too: glmnet.control().
path_lambdas <- function(problem, settings, weight) {
  is_long <- problem$facts$rows >= length(problem$schema$columns)
  unit <- if (settings$separable$scale == "sum") weight else 1
  list(given = as.double(settings$lambda) / unit, count = settings$nlambda, ratio = settings$lambda_ratio %||% if (is_long) 1e-4 else 0.01,
       most_explained = 0.999, least_gain = 1e-5, relax = settings$relax)
}

far_path <- function(call, family, source, envir, contrasts, settings) {
  if (has_categories(family)) {
    stop_glmpp("family", "Paths of multinomial() need the rows in memory.", i = "Fit one category against the rest by `binomial`, or a sample of the rows.")
  }
  model <- new_remote_model(call, family, envir, settings, NULL, contrasts, eval_na_action(without_data(call), envir))
  with_home(source, model, function(home) {
    outline <- home$outline()
    model[names(outline$settled)] <- outline$settled
    if (outline$response$effective_rows == 0) stop_no_weight("The weights, or counts, are 0 in every row.")
    schema <- new_schema(outline_frame(outline), contrasts)
    problem <- far_opener(home, outline, schema, model, settings)(family)
    path <- follow_penalty(problem, settings)
    new_path(path, list(problem = problem, schema = schema, formula = model$formula, source = source), settings, call)
  })
}

new_path <- function(found, open, settings, call) {
  problem <- open$problem
  schema <- open$schema
  names <- problem$names
  coefficients <- found$coefficients
  dimnames(coefficients) <- list(names, NULL)
  unit <- if (settings$separable$scale == "sum") found$request$weight else 1
  settings$separable["lambda"] <- list(NULL)
  explained <- if (found$null_deviance > 0) 1 - found$deviance / found$null_deviance else rep(NA_real_, length(found$deviance))
  relaxed <- if (settings$relax) {
    dimnames(found$relaxed) <- list(names, NULL)
    list(coefficients = found$relaxed, deviance = found$relaxed_deviance, dev_ratio = 1 - found$relaxed_deviance / found$null_deviance)
  }
  path <- structure(list(
    lambda = found$lambda * unit, coefficients = coefficients, deviance = found$deviance, dev_ratio = explained,
    df = path_degrees(found, problem), null.deviance = found$null_deviance, log_likelihood = path_likelihood(found, problem),
    relaxed = relaxed, violation = found$violation, converged = found$converged, steps = found$steps, lambda_max = found$largest * unit,
    nobs = problem$facts$rows, weight = found$request$weight, spread = found$request$spread,
    passes = c(whole = found$passes, of_some_columns = found$partial_passes, with_information = found$informations),
    penalty = settings$separable, family = problem$family, call = call, formula = open$formula, terms = schema$terms,
    contrasts = schema$contrasts,
    xlevels = schema$xlevels, schema = schema, na.action = if (!is.null(open$frame)) attr(open$frame, "na.action"), frame = open$frame,
    offset = problem$response$offset, classes = problem$response$classes, source = open$source, x_names = open$x_names,
    solver = list(name = "proximal_newton", threads = settings$threads), settings = settings[c("relax", "tolerance", "maxit", "nlambda", "lambda_ratio")]
  ), class = "glmpp_path")
  warn_path(path)
  path
}

# Free coefficients that are estimable, and others that are not zero; the intercepts of a model without a baseline have one that the
# others imply. What is a combination of other free columns is zero at every lambda.
path_degrees <- function(found, problem) {
  penalised <- unlist(found$request$penalty$columns)
  free <- setdiff(seq_along(problem$names), penalised)
  is_intercept <- problem$schema$intercept & (free - 1) %% length(problem$schema$columns) == 0
  is_estimable <- is_intercept | rowSums(found$coefficients[free, , drop = FALSE] != 0) > 0
  implied <- has_categories(problem$family) && problem$schema$intercept
  sum(is_estimable) - implied + colSums(found$coefficients[penalised, , drop = FALSE] != 0)
}

# At each lambda; NA where the family has none.
path_likelihood <- function(found, problem) {
  if (has_categories(problem$family)) return(-found$deviance / 2)
  # They are the same at each.
  sums <- problem$outline$response %||% likelihood_sums(problem$response, problem$family)
  needs_means <- is.null(problem$home) && !is_of_single_trials(problem$response) &&
    (is.null(sums) || !is.null(record_of(problem$family)$exact_deviance))
  aic <- function(k) {
    solution <- list(deviance = found$deviance[k], effective_rows = problem$facts$rows)
    if (needs_means) solution$mean <- path_means(problem, found$coefficients[, k])
    problem_aic(problem, solution, sums)
  }
  all <- seq_along(found$deviance)
  is_additive <- needs_means && has_additive_likelihood(problem$family) && isTRUE(problem$response$core_family$has_genuine_aic)
  aics <- if (is_additive && length(all)) aic(1) - found$deviance[1] + found$deviance else vapply(all, aic, 0)
  # aic() of a family with a dispersion counts it.
  -aics / 2 + counts_dispersion(problem$family)
}

path_means <- function(problem, coefficients) {
  problem$family$linkinv(linear_predictor_impl(problem$design, coefficients, problem$settings$threads) + (problem$response$offset %||% 0))
}

counts_dispersion <- function(family) !has_categories(family) && has_estimated_likelihood_dispersion(family)

# Unpenalised coefficients that run to infinity leave no deviance; what separates a part of the rows is not looked for.
warn_relaxed <- function(path) {
  perfect <- which(path$relaxed$dev_ratio > 1 - 1e-6)
  if (!length(perfect) || !path$family$family %in% c("binomial", "quasibinomial")) return(invisible())
  warn_glmpp("separation", sprintf("The columns of %s separate the outcomes: their unpenalised fits are infinite.", plural(length(perfect), "lambda")),
             x = sprintf("First at lambda = %s.", format(path$lambda[perfect[1]])), i = "Take the penalised fits there, or `gamma` near 1.")
}

warn_path <- function(path) {
  warn_relaxed(path)
  if (all(path$converged)) return(invisible())
  k <- which(!path$converged)[1]
  warn_glmpp("convergence", sprintf("The path did not converge at %s of %s.", plural(sum(!path$converged), "lambda"), length(path$lambda)),
             x = sprintf("First at lambda = %s: a violation of %.2g is left, where %.2g was asked for.", format(path$lambda[k]), path$violation[k], path$settings$tolerance),
             i = "Take a larger `tolerance` or `maxit`, or end the path earlier by `lambda_ratio`.")
}
