#' Covariances of coefficients, robust ones too
#'
#' The covariance matrix that the model implies, or the sandwich, which holds where the variance function or the independence of the
#' rows is wrong. A fit to a data frame takes the sandwich from the rows of the model frame, a fit from afar by one more pass; the
#' design matrix is not formed. The same as `sandwich::vcovHC()` and `sandwich::vcovCL()`, which work on fits to a data frame too.
#'
#' @param object A fit by [glmpp()].
#' @param complete Should aliased coefficients be among rows and columns, as NA?
#' @param type `"const"`: the inverse of the expected information times the dispersion. `"observed"`: the same of the observed
#'   information (at one pass), which differs for links that are not canonical; what Stata and others report. A parameter of the
#'   family's own that was estimated counts as given, as in `"const"`, but for [truncated_negative_binomial()], where both are those
#'   of all parameters. `"HC0"`: the sandwich, with the sum of squared scores in the middle. `"HC1"`: the same times n / (n - p).
#'   With leverages h, squared scores are divided by 1 - h for `"HC2"`, its square for `"HC3"`, its power min(4, n h / p) for
#'   `"HC4"`, and min(1, n h / p) + min(1.5, n h / p) for `"HC4m"`, at the cost of one pass with p^2 operations a row; not where a
#'   database sums. A row that a coefficient of its own fits (h = 1) adds nothing; \pkg{sandwich} has NaN there.
#'   Or what [newey_west()] makes.
#' @param cluster For `"HC0"` to `"HC3"`, a one-sided formula such as `~ id`, evaluated in the data, or `~ id + year` for clusters
#'   in several ways (a pass for each set of them; the matrix need not be positive definite): scores are summed within clusters
#'   (memory: twice clusters x p). The factors are G / (G - 1) (CR0) and, for `"HC1"` (CR1), (n - 1) / (n - p) besides, as in
#'   `sandwich::vcovCL()`. For `"HC2"` (CR2) and `"HC3"` (CR3) the residuals of a cluster are multiplied by the inverse root, or the
#'   inverse, of the identity less the cluster's block of the hat matrix (memory: rows of the largest cluster x p; fits to a data frame
#'   only; where a block is singular, its pseudo-inverse).
#' @param cadjust With `cluster`: is there the factor G / (G - 1)?
#' @param which Names or numbers of the coefficients whose covariances are wanted: of a fit with very many levels the matrix of all
#'   does not fit into memory. The types but `"observed"` then take no more than a pass over the rows for each of them.
#' @param absorbed Should the coefficients of [absorb()] terms be among them?
#' @param ... For `"const"` and `"observed"`: `dispersion`, a number or what [dispersion()] estimates, such as `"ml"`. Anything else
#'   is an error.
#' @section In other verbs:
#' `summary(fit, vcov = )`, `confint(fit, vcov = )` and `predict(fit, newdata, se.fit = TRUE, vcov = )` take `"model"` (as without
#' it), `"observed"`, `"HC0"` to `"HC4m"`, a formula of clusters (type HC1), a matrix, or a function of the fit that makes one, such
#' as `sandwich::vcovHC`, or [newey_west()]. So do `anova()` and `drop1()`, whose table is then one of Wald tests (see [wald_tests]), `tidy()`,
#' [coefficient_intervals()], [average_effects()] and [effects_table()].
#'
#' @returns A matrix, with a row and a column for each coefficient. An error of class `glmpp_error_cluster` where a row has no
#'   cluster, `glmpp_error_left_out` where the fit was made by `keep = "rows"` or `"summary"`.
#' @references Efron, B. and Hinkley, D. V. (1978) Assessing the accuracy of the maximum likelihood estimator: observed versus
#'   expected Fisher information, *Biometrika* 65, 457-482. White, H. (1980) A heteroskedasticity-consistent covariance matrix
#'   estimator and a direct test for heteroskedasticity, *Econometrica* 48, 817-838. Zeileis, A., Koell, S. and Graham, N. (2020)
#'   Various versatile variances: an object-oriented implementation of clustered covariances in R, *Journal of Statistical Software*
#'   95(1). Cameron, A. C., Gelbach, J. B. and Miller, D. L. (2011) Robust inference with multiway clustering, *Journal of Business
#'   & Economic Statistics* 29, 238-249. MacKinnon, J. G. and White, H. (1985) Some heteroskedasticity-consistent covariance matrix
#'   estimators with improved finite sample properties, *Journal of Econometrics* 29, 305-325. Cribari-Neto, F. (2004) Asymptotic
#'   inference under heteroskedasticity of unknown form, *Computational Statistics & Data Analysis* 45, 215-233. Bell, R. M. and
#'   McCaffrey, D. F. (2002) Bias reduction in standard errors for linear regression with multi-stage samples, *Survey Methodology*
#'   28, 169-181.
#' @examples
#' fit <- glmpp(breaks ~ wool + tension, poisson, warpbreaks)
#' sqrt(diag(vcov(fit)))
#' sqrt(diag(vcov(fit, type = "HC1")))
#' @concept robust standard errors
#' @concept sandwich
#' @concept cluster
#' @concept clustered standard errors
#' @concept heteroskedasticity
#' @export
vcov.glmpp <- function(object, complete = TRUE, type = c("const", "observed", "HC0", "HC1", "HC2", "HC3", "HC4", "HC4m"),
                       cluster = NULL, cadjust = TRUE, which = NULL, absorbed = FALSE, ...) {
  refuse_unknown(substitute(list(...)), "vcov", vcov.glmpp, "dispersion")
  check_complete(complete)
  which <- chosen_places(object, which, absorbed)
  if (is_newey_west(type)) return(some_of(newey_west_covariance(object, type, TRUE), object, which, complete))
  covariance_of_choice(object, complete, type, cluster, cadjust, which, list(...))
}

#' @export
vcov.glmpp_remote <- function(object, complete = TRUE, type = c("const", "observed", "HC0", "HC1", "HC2", "HC3", "HC4", "HC4m"),
                              cluster = NULL, cadjust = TRUE, which = NULL, absorbed = FALSE, ...) {
  refuse_unknown(substitute(list(...)), "vcov", vcov.glmpp_remote, "dispersion")
  check_complete(complete)
  if (is_newey_west(type)) stop_needs_rows("Newey and West's covariance", i = "Clustered by time: `vcov(fit, type = \"HC1\", cluster = ~ time)`.")
  covariance_of_choice(object, complete, type, cluster, cadjust, chosen_places(object, which, absorbed), list(...))
}

# What is asked for, or NULL for all.
chosen_places <- function(object, which, absorbed) {
  check_flag(absorbed, "absorbed")
  if (is.null(which) && !absorbed) shown_places(object) else which
}

covariance_of_choice <- function(object, complete, type, cluster, cadjust, which, more) {
  type <- check_sandwich(type, cluster)
  check_cadjust(cadjust, cluster)
  if (!is.null(which)) return(known_of(covariance_between(object, which, type, cluster, cadjust, more$dispersion), complete))
  covariance_of_type(object, type, cluster, more, complete, cadjust)
}

some_of <- function(covariance, object, which, complete) {
  if (!is.null(which)) {
    places <- check_which(which, names(.subset2(object, "coefficients")))
    covariance <- covariance[places, places, drop = FALSE]
  }
  known_of(covariance, complete)
}

# Without the rows and columns of what is aliased.
known_of <- function(covariance, complete) {
  if (complete || !anyNA(covariance)) return(covariance)
  known <- !is.na(diag(covariance))
  covariance[known, known, drop = FALSE]
}

check_cadjust <- function(cadjust, cluster) {
  check_flag(cadjust, "cadjust")
  if (!cadjust && is.null(cluster)) stop_glmpp("argument", "`cadjust` goes with `cluster`.")
}

covariance_of_type <- function(object, type, cluster, more, complete, cadjust = TRUE) {
  refuse_errors(object, "Covariances of coefficients")
  is_sandwich <- startsWith(type, "HC")
  if (!type %in% c("const", "HC0", "HC1")) refuse_constrained(object, sprintf("`type = \"%s\"`", type), "Take `type = \"HC1\"`.")
  if (is_sandwich && "dispersion" %in% names(more)) stop_robust_dispersion()
  if (is_sandwich) return(robust_covariance(object, type, cluster, complete, cadjust))
  unscaled <- if (type == "observed") observed_unscaled(object) else unscaled_covariance(object)
  model_covariance(object, unscaled, more$dispersion, complete)
}

model_covariance <- function(object, unscaled, dispersion, complete) {
  stats::.vcov.aliased(is.na(.subset2(object, "coefficients")), model_dispersion(object, dispersion) * unscaled, complete)
}

model_dispersion <- function(object, dispersion) {
  dispersion <- given_dispersion(dispersion, object)
  if (!is.null(dispersion)) return(dispersion)
  if (!has_known_dispersion(.subset2(object, "family"))) warn_unused_rows(unclass(object))
  dispersion_of(object)
}

stop_robust_dispersion <- function() {
  stop_glmpp("argument", "`dispersion` goes with `type = \"const\"` or `\"observed\"`: the sandwich has none.")
}

# The inverse of the observed information in the place of the expected one, over the coefficients that are not aliased.
observed_unscaled <- function(object) {
  expected <- unscaled_covariance(object)
  if (has_joint_errors(object) || !length(expected)) return(expected)
  if (!is.null(.subset2(object, "penalty"))) {
    stop_glmpp("covariance", "`type = \"observed\"` knows no penalty.", i = "Take `type = \"const\"`.")
  }
  information <- with_problem(object, function(problem) {
    reason <- problem$lacks("observed_information")
    if (!is.null(reason)) stop_glmpp("covariance", sprintf("The observed information can't be had: %s.", reason), i = "Take `type = \"const\"`.")
    evaluate_problem(problem, unname(known_coefficients(object)), need = "observed_information")$observed_information
  })
  known <- !is.na(.subset2(object, "coefficients"))
  root <- root_of_information(matrix(information, length(known))[known, known, drop = FALSE])
  if (is.null(root)) {
    warn_glmpp("covariance", "The observed information is not positive definite: standard errors are from the expected information.")
    return(expected)
  }
  structure(chol2inv(root), dimnames = dimnames(expected))
}

check_sandwich <- function(type, cluster, known = eval(formals(vcov.glmpp)$type)) {
  type <- check_choice(type, known, "type")
  if (is.null(cluster)) return(type)
  if (!inherits(cluster, "formula") || length(cluster) != 2) {
    stop_glmpp("argument", "`cluster` must be a one-sided formula, such as `~ id`.",
               x = sprintf("It is %s.", describe_type(cluster)))
  }
  wrong <- vapply(cluster_variables(cluster), function(variable) is_call_of(variable, c("*", ":", "|", "^", "-")), NA)
  if (any(wrong)) {
    stop_glmpp("argument", "`cluster` must be a variable, or several with `+` between them.", x = sprintf("It is `%s`.", deparse1(cluster)),
               i = "For the combinations of two: `~ interaction(a, b)`; for two-way clustering: `~ a + b`.")
  }
  if (!type %in% c("HC0", "HC1", intersect(c("HC2", "HC3"), known))) {
    stop_glmpp("argument", "`cluster` goes with `type = \"HC0\"` to `\"HC3\"`.",
               x = sprintf("`type` is \"%s\", which knows no clusters%s.", type, if (startsWith(type, "HC")) " here" else ""))
  }
  type
}

# The middle of the sandwich is the sum of squared scores, or of the squares of the clusters' scores.
robust_covariance <- function(object, type, cluster, complete, cadjust = TRUE) {
  refuse_joint_errors(object, "The sandwich")
  if (!object$rank) return(sandwich_of(object, NULL, complete))
  check_matrix_of_all(object)
  meat <- with_problem(object, function(problem) {
    at <- unname(known_coefficients(object))
    if (!is.null(cluster)) meat_of_clusters(problem, at, cluster, object, type, cadjust)
    else problem$meat(at, NULL, object, if (!type %in% c("HC0", "HC1")) leverage_of(object, type))
  })
  sandwich_of(object, small_sample_factor(object, type, cluster) * meat, complete)
}

# Of HC1; that of the number of clusters comes besides.
small_sample_factor <- function(object, type, cluster) {
  if (type != "HC1") return(1)
  rows <- stats::nobs(object)
  (if (is.null(cluster)) rows else rows - 1) / (rows - .subset2(object, "rank"))
}

# `meat` over all columns.
sandwich_of <- function(object, meat, complete) {
  known <- !is.na(object$coefficients)
  bread <- unscaled_covariance(object)
  if (!length(bread)) return(stats::.vcov.aliased(!known, bread, complete))
  robust <- if (is.null(dim(meat))) bordered_between_impl(.subset2(object, "qr"), meat, which(known), object$solver$threads)
            else symmetric_sandwich_impl(bread, meat[known, known, drop = FALSE], object$solver$threads)
  dimnames(robust) <- dimnames(bread)
  stats::.vcov.aliased(!known, robust, complete)
}

# What the rows' leverages are made of.
leverage_of <- function(object, type) {
  qr <- fit_qr(object)
  estimable <- seq_len(qr$rank)
  list(type = type, root = qr$qr[estimable, estimable, drop = FALSE], pivot = qr$pivot[estimable], rows = stats::nobs(object),
       rank = qr$rank)
}

# (X'WX)^-1 over the coefficients that are not aliased, in their order.
unscaled_covariance <- function(object) {
  refuse_errors(object, "Covariances of coefficients")
  if (is_constrained_fit(object)) return(constrained_covariance(object))
  qr <- errors_qr(object)
  rank <- .subset2(object, "rank")
  if (!rank) return(matrix(numeric(), 0, 0))
  if (is_bordered(qr)) return(all_of_inverse(object, qr))
  check_invertible(qr)
  covariance <- inverse_of_product_impl(qr$qr, qr$pivot, rank, .subset2(object, "solver")$threads)
  names <- names(.subset2(object, "coefficients"))[sort.int(qr$pivot[seq_len(rank)])]
  dimnames(covariance) <- list(names, names)
  covariance
}

all_of_inverse <- function(object, factor) {
  known <- which(!is.na(.subset2(object, "coefficients")))
  check_memory(3 * 8 * as.double(length(known))^2, sprintf("the covariances of %s", plural(length(known), "coefficient")), i = large_fit_advice)
  structure(bordered_inverse_impl(factor, known), dimnames = list(names(known), names(known)))
}
