#' Fit a generalized linear model
#'
#' Takes the arguments of [stats::glm()], with their meaning there, and returns an object that can be used
#' as a glm. The design matrix is never formed: numeric columns are read where they are, factors are kept
#' as codes, and each iteration is one pass over the rows.
#'
#' @param formula,data,weights,subset,na.action,start,etastart,mustart,offset,x,y,singular.ok,contrasts As
#'   in [stats::glm()]. `data` may also say where the rows are: [chunks()], [csv_chunks()], [parquet_chunks()] or
#'   [on_cluster()]; then the value is a fit without rows, see [glmpp_remote].
#' @param family A family object, a family function or its name. The families of \pkg{stats}, and
#'   [negative_binomial()] (of \pkg{MASS} too) and [tweedie()], run in C++; any other is called back. [multinomial()] and
#'   [ordinal()] are for responses of several categories; the fit is then no glm, but what is described there.
#' @param control A list of arguments to [glmpp_control()].
#' @param model Should the model frame be kept?
#' @param method `"glmpp_fit"`, or `"model.frame"` to return the model frame.
#' @param keep What the fit keeps: `"all"`, as `glm()` does; `"rows"`, without the data, the model frame and the
#'   environment that the formula captured (of a function that called `glmpp()`, all its variables, which would be
#'   saved with the fit); `"summary"`, without the vectors of one element per row too. What needs something that was left out
#'   says so; coefficients, standard errors, `summary()`, Wald intervals, AIC and `predict(newdata = )` always work.
#' @param ... Arguments to [glmpp_control()], if `control` is not given.
#' @param solver `"auto"`, iteratively reweighted least squares by Fisher scoring; or one of the [solvers], made by its function
#'   or named: `newton()`, `lbfgs()`, `gradient_descent()`, `sgd()`, `coordinate_descent()`.
#' @param penalty NULL, or what [ridge()], [lasso()], [elastic_net()] or [group_lasso()] makes, of the latter with one `lambda`.
#' @param bias_reduction NULL, or what [firth()] makes, or its type: `"mean"`, `"median"`, `"correction"`, `"jeffreys"`.
#' @param constraints NULL, or what [linear_constraints()] makes, or its strings, such as `c("x1 + x2 = 1", "x1 >= 0")`.
#' @param threads Number of threads; by default `getOption("glmpp.threads")`, else all that the machine
#'   and `OMP_THREAD_LIMIT` allow. The result is the same, to the bit, for any number.
#'
#' @returns An object of class `c("glmpp", "glm", "lm")` with the components of a [stats::glm()] object.
#'   `qr` is held as p x p; `fit$qr` and `fit$effects` rebuild the full decomposition when they are asked for.
#'   A further component `solver` tells how the fit was reached: `name`, `reason` (why it stopped), `passes`
#'   over the data, `condition` of the scaled weighted design, `factorization` of the information (`"cholesky"`, or `"qr"` of
#'   the rows), `digits` (how many correct ones to expect of coefficients and standard errors by condition, factorization and what is left to go),
#'   `grouped_rows` (the number of distinct rows when equal rows were grouped, else NA), `threads`.
#'
#' @section Three doors:
#' * `glmpp()` is the one to take: robust standard errors in `summary()`, `confint()` and `anova()`, lean fits, rows that are elsewhere,
#'   penalties, families of its own, responses of several categories. Its fits go where a glm goes, since they are one by inheritance.
#' * `glm(..., method = glmpp_fit)` for scripts and packages that call `glm()` themselves and hand a `method` on to it: a plain glm with `glm()`'s
#'   methods and `glm()`'s model matrix, whose expanded factors cost memory and time; see [glmpp_fit()].
#' * [as.glm()] for one place that stumbles over a [glmpp()] fit, because it looks at `class(fit)[1]` or the call: made at no cost, until
#'   the QR decomposition is read.
#'
#' \pkg{parsnip} has the engine `"glmpp"`, see [glmpp_engine()].
#'
#' @section Separation:
#' Where some combination of columns tells successes from failures (or zero counts from others) without
#' error, the likelihood rises for ever and the maximum likelihood estimate does not exist. That is proved or
#' refuted at every fit with a binomial response, and with counts under the log link; the fit's numbers
#' stay those of the last iteration. Then the fit has a component `separation`, a list: `type`, `"complete"` (every row
#' is told apart) or `"quasi-complete"`; `direction`, one number per coefficient, zero where it is finite, along which
#' the likelihood never falls; `coefficients`, `Inf` or `-Inf` for those that run away; `rows`, the `count` of the
#' rows told apart and the `first` ten; `levels`, sentences on the factor levels with one outcome only; `constant`, the one
#' outcome that there is. It comes with a warning of class `glmpp_warning_separation`. So do fits to rows that are elsewhere:
#' a few passes prove or refute it, and only rows that stand against a direction come to R. A database with few distinct
#' rows gives no numbers of rows (`first` is empty), and one that sums by queries proves nothing.
#'
#' @section Aliased columns:
#' Where columns are linear combinations of columns before them, their coefficients are NA, as `glm()` has them, and the fit
#' has a component `aliased`: a matrix with a row for each such column and a column for each other one, whose numbers
#' make the combination. `summary()` writes it out, as in `x3 = x1 + 2 x2`. [predict()] warns only where new rows leave
#' the combination.
#'
#' @section Columns of unusual classes:
#' A value is missing where `is.na()` of the column's class says so (user-defined missing values of \pkg{haven}), for variables,
#' weights and offsets; within a function of the column, such as `log(item)`, it is what that function makes of it, as in `glm()`. integer64
#' stands for its numbers wherever it is used; beyond 2^53, where a double is not exact, it is an error of class
#' `glmpp_error_integer64`. Dates and times count days and seconds, differences of times and \pkg{units} their unit; new rows are brought to
#' those of the fit, see [predict.glmpp()].
#'
#' @section Columns that repeat each other:
#' Where columns agree to all digits but a few (many powers of one variable) rounding decides which are left out, and the solver's
#' steps lose their digits. A fit of the gaussian family is then solved by an orthogonal decomposition of the rows for several choices of
#' columns, `glm()`'s among them; other families leave out more columns until the fit converges. The least deviance is taken,
#' with a warning of class
#' `glmpp_warning_condition`.
#'
#' @section Factors of very many levels:
#' From 500 coefficients on (`options(glmpp.eliminate = )`), where a factor, or an interaction of factors, has a good part of
#' them, its levels are eliminated exactly: their information is diagonal (with slopes by level, block-diagonal), and what is
#' left is a matrix of the other coefficients. Time and memory then grow as the number of levels does; of two factors of many
#' levels the larger one is eliminated. Where levels meet few of the other factor's (workers and firms), what is left is kept and
#' factored as a sparse matrix (in memory); where they meet at random, the other factor's square is what memory must hold. Steps are
#' solved by conjugate gradients where few of these do what a factor does, which is then made once, at the end: the estimates are
#' the same. Estimates, standard errors of every
#' level, rank and aliased columns are those of the information of all coefficients. Contrasts must give each level a column of
#' its own (as [stats::contr.treatment()] does, which [absorb()] always takes; that keeps the levels out of sight too).
#' Solvers, penalties and corrections that read all elements of the information
#' (`coordinate_descent()`, `lasso()`, `firth()`, `constraints`) are fitted without elimination, and refused where memory does
#' not suffice. The matrix of all covariances is made for who asks, where it fits: `vcov(fit, which = )` gives some; above 1,000
#' coefficients `summary()` has standard errors, and no `cov.scaled`. Printouts cut long terms. Columns that are nearly
#' collinear (a condition above 1e4) are fitted by the rows where these are not too many; else `fit$solver$digits` says what is
#' left, and a condition above 3e6 is an error of class `glmpp_error_condition`, unless rows at
#' the end of the range of the mean, as under separation, make it so. From chunks, files and clusters alike, where
#' every part adds up the entries between each level and the other coefficients; databases sum the matrix of all.
#'
#' @section Memory:
#' Before something big is built (matrices of all coefficients by all coefficients, the expanded design for `x = TRUE` or
#' `fit$qr`) its size is estimated, and an error of class `glmpp_error_memory` says what to do when the free memory, or
#' `options(glmpp.memory = )` in bytes, is less. A saved fit of 1e5 rows and one variable (1.2 MB of data) has 7.2 MB; 4.8 MB by
#' `keep = "rows"`, 0.04 MB by `keep = "summary"`; `glm()`'s has 10.8 MB.
#'
#' @section Conditions:
#' Every error has class `glmpp_error` and every warning `glmpp_warning`, with a class of its own
#' besides, such as `glmpp_error_response` or `glmpp_warning_convergence`.
#'
#' @references McCullagh, P. and Nelder, J. A. (1989) *Generalized Linear Models*, 2nd edition, Chapman
#'   and Hall. Marschner, I. C. (2011) glm2: fitting generalized linear models with convergence problems,
#'   *The R Journal* 3/2, 12-15 (shortening steps until the deviance falls). Albert, A. and Anderson,
#'   J. A. (1984) On the existence of maximum likelihood estimates in logistic regression models,
#'   *Biometrika* 71, 1-10. Correia, S., Guimaraes, P. and Zylkin, T. (2019) Verifying the existence of
#'   maximum likelihood estimates for generalized linear models, arXiv:1903.01633.
#'
#' @examples
#' fit <- glmpp(am ~ wt + hp, binomial, mtcars)
#' summary(fit)
#' side_by_side(fit)
#' @concept logistic regression
#' @concept poisson regression
#' @concept gamma regression
#' @concept probit
#' @concept offset
#' @concept exposure
#' @concept separation
#' @concept odds ratio
#' @concept rate ratio
#' @concept fast glm
#' @concept large data
#' @export
glmpp <- function(formula, family = gaussian, data, weights, subset, na.action, start = NULL, etastart,
                  mustart, offset, control = list(...), model = TRUE, method = "glmpp_fit", x = FALSE,
                  y = TRUE, singular.ok = TRUE, contrasts = NULL, ..., solver = "auto",
                  penalty = NULL, threads = NULL, keep = "all", bias_reduction = NULL, constraints = NULL) {
  call <- match.call()
  check_arguments(call)
  formula <- check_formula(formula, parent.frame())
  family <- as_family(family, parent.frame())
  if (has_categories(family)) refuse_absorbed(formula, "several categories")
  if (missing(data)) data <- environment(formula)
  check_method(method)
  keep <- check_choice(keep, keep_choices, "keep")
  check_flags(list(model = model, x = x, y = y, singular.ok = singular.ok))
  if (is_source(data)) {
    if (x) stop_needs_rows("`x = TRUE`")
    if (identical(method, "model.frame")) stop_needs_rows("`method = \"model.frame\"`")
    settings <- new_settings(control, solver, threads, penalty, bias_reduction, constraints)
    check_settings(settings, family)
    return(fit_far(call, family, data, parent.frame(), settings, start, contrasts, singular.ok))
  }
  if (identical(method, "model.frame")) {
    return(frame_without_counts(read_frame(call, parent.frame(), formula = formula, data = data)))
  }
  settings <- new_settings(control, solver, threads, penalty, bias_reduction, constraints)
  check_settings(settings, family)
  frame <- read_frame(call, parent.frame(), settings$threads, formula, data)
  parts <- list(model = model, x = x, y = y)
  if (has_categories(family)) {
    fit <- fit_categories(frame, family, start, contrasts, settings, singular.ok, call, formula, data, parts)
    return(lean_fit(fit, keep))
  }

  lean_fit(fit_rows(frame, family, start, contrasts, settings, singular.ok, call, formula, data, parts), keep)
}

# What can't be together, before any long work.
check_settings <- function(settings, family) {
  check_constraints(settings, family)
  check_reduction(settings, family)
  check_separable_fit(settings, family)
}

# The fit to a model frame.
fit_rows <- function(frame, family, start, contrasts, settings, singular.ok, call, formula, data, parts) {
  schema <- new_schema(frame, contrasts)
  design <- design_blocks(schema, frame)
  if (!is_wide_fit(design, family, settings)) check_information_memory(design, schema, settings)
  response <- read_response(frame, family, start, settings$threads)
  open <- function(family) {
    row_problem(design, replace(response, "core_family", list(core_family(family))), family, schema, settings)
  }
  problem <- if (is_estimated(family)) search_parameter(family, open, settings, start)
             else row_problem(design, response, family, schema, settings)
  solution <- solve_rows(problem, problem$parameter$coefficients %||% start)
  parameter <- parameter_report(problem, solution)
  if (!is.null(parameter)) solution$log_likelihood <- parameter$log_likelihood
  fit <- new_fit(solution, problem, singular.ok)
  if (is_quasi(problem$family)) fit <- with_family_deviances(fit, problem)
  fit <- c(fit, new_report(solution, problem, fit$qr),
           pearson = solution$pearson[1], unused_rows = solution$pearson[2])
  close_problem(problem)
  schema$blocks <- design$blocks
  with_parameter(complete_fit(fit, frame, schema, response, call, formula, data, parts), parameter)
}

# What is found out of rows in memory.
solve_rows <- function(problem, start) {
  if (!is.null(start)) check_start(start, length(problem$schema$columns))
  solution <- solve_problem(problem, start)
  if (!isTRUE(solution$condition <= sure_condition)) solution <- solve_ill_conditioned(solution, problem, start)
  separation <- find_separation(solution, problem)
  if (!is.null(separation)) solution$separation <- separation
  solution$null_deviance <- null_deviance(problem, solution)
  solution
}

check_method <- function(method) {
  if (identical(method, "glmpp_fit") || identical(method, "model.frame") || identical(method, glmpp_fit)) return(invisible())
  stop_glmpp("argument", "`method` must be \"glmpp_fit\" or \"model.frame\".",
             i = "Use `glm(..., method = glmpp_fit)` for a plain glm, and `glm()` for other fitters.")
}
