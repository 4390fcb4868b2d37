#' The covariance of Newey and West
#'
#' Standard errors that hold under autocorrelation of the scores along an order of the rows, such as time: the middle of the
#' sandwich is \eqn{\Gamma_0 + \sum_{j=1}^L w_j (\Gamma_j + \Gamma_j')} with the autocovariance \eqn{\Gamma_j} of the scores at lag
#' j and Bartlett's weights \eqn{w_j = 1 - j / (L + 1)}.
#'
#' @param order_by A one-sided formula of one variable, such as `~ time`, evaluated in the data: the rows are taken in its order; NULL:
#'   as they are.
#' @param lag The largest lag L, a whole number (0 for HC0); NULL: chosen from the data as Newey and West (1994) do, by the sum of the
#'   scores of all coefficients but the intercept.
#' @param prewhite Are the scores whitened first by a vector autoregression of order one?
#' @returns What the argument `vcov` of [summary()][summary.glm] and its like, and `type` of [vcov()][vcov.glmpp], take. The memory is
#'   that of 4096 rows x p and of lag x p, at two passes over the rows (three with `prewhite`, one less with a given `lag`). For fits
#'   to a data frame. The same as `sandwich::NeweyWest()`, whose default is `prewhite = TRUE`.
#' @references Newey, W. K. and West, K. D. (1987) A simple, positive semi-definite, heteroskedasticity and autocorrelation consistent
#'   covariance matrix, *Econometrica* 55, 703-708. Newey, W. K. and West, K. D. (1994) Automatic lag selection in covariance matrix
#'   estimation, *Review of Economic Studies* 61, 631-653.
#' @examples
#' d <- data.frame(passengers = as.vector(AirPassengers), time = as.vector(time(AirPassengers)))
#' fit <- glmpp(passengers ~ time, poisson, d)
#' summary(fit, vcov = newey_west(~ time, lag = 12))
#' @concept autocorrelation
#' @concept HAC
#' @export
newey_west <- function(order_by = NULL, lag = NULL, prewhite = FALSE) {
  if (!is.null(order_by) && !(inherits(order_by, "formula") && length(order_by) == 2 && length(cluster_variables(order_by)) == 1)) {
    stop_glmpp("argument", "`order_by` must be a one-sided formula of one variable, such as `~ time`.", x = sprintf("It is %s.", value_text(order_by)))
  }
  if (!is.null(lag) && !identical(as.double(lag), 0)) check_count(lag, "lag")
  check_flag(prewhite, "prewhite")
  structure(list(order_by = order_by, lag = lag, prewhite = prewhite), class = "glmpp_newey_west")
}

is_newey_west <- function(type) inherits(type, "glmpp_newey_west")

newey_west_label <- function(how) {
  sprintf("Newey-West%s%s%s", if (is.null(how$lag)) "" else sprintf(", lag %s", format(how$lag)),
          if (is.null(how$order_by)) "" else sprintf(", in the order of %s", deparse1(how$order_by[[2]])), if (how$prewhite) ", prewhitened" else "")
}

newey_west_covariance <- function(object, how, complete = TRUE) {
  refuse_errors(object, "Covariances of coefficients")
  refuse_joint_errors(object, "The sandwich")
  if (!object$rank) return(sandwich_of(object, NULL, complete))
  sandwich_of(object, newey_west_meat(object, how), complete)
}

newey_west_meat <- function(object, how) {
  known <- !is.na(object$coefficients)
  rows <- rows_in_order(object, how$order_by)
  design <- fit_design(object)
  residuals <- finite_scores(object)
  visit <- function(lag, work) visit_lagged(rows, lag, work, function(these) {
    design_rows_impl(design, these)[, known, drop = FALSE] * residuals[these]
  })
  filter <- if (how$prewhite) autoregression(visit)
  lag <- if (is.null(how$lag)) automatic_lag(object, visit, filter, length(rows)) else how$lag
  middle <- long_run_sum(visit, filter, lag, sum(known))
  meat <- matrix(0, length(known), length(known))
  meat[known, known] <- middle
  meat
}

rows_in_order <- function(object, order_by) {
  count <- length(.subset2(object, "residuals"))
  if (is.null(order_by)) return(seq_len(count))
  found <- plain_column(variable_of_rows(object, order_by, "order_by"), "order_by")
  if (anyNA(found)) stop_glmpp("argument", "`order_by` must not be missing.", x = sprintf("Row %d is.", which(is.na(found))[1]))
  order(found)
}

# work(scores, before): blocks of scores in order, with the `lag` rows that come before each as the rows of `before`.
visit_lagged <- function(rows, lag, work, scores_of) {
  before <- NULL
  for (first in seq(1, length(rows), by = 4096)) {
    scores <- scores_of(rows[seq(first, min(first + 4095, length(rows)))])
    work(scores, before)
    before <- utils::tail(rbind(before, scores), lag)
  }
}

# The coefficients A of s_t = A s_(t-1), by least squares.
autoregression <- function(visit) {
  cross <- square <- 0
  visit(1, function(scores, before) {
    all <- rbind(before, scores)
    last <- nrow(all)
    if (last < 2) return()
    cross <<- cross + crossprod(all[-1, , drop = FALSE], all[-last, , drop = FALSE])
    square <<- square + crossprod(all[-last, , drop = FALSE])
  })
  cross %*% solve(square)
}

# The series that autocovariances are taken of, of the rows in `all`: their innovations, the first row's missing.
whitened <- function(all, filter) {
  if (is.null(filter)) return(all)
  all[-1, , drop = FALSE] - all[-nrow(all), , drop = FALSE] %*% t(filter)
}

# Newey and West (1994), with the bandwidth of Bartlett's kernel.
automatic_lag <- function(object, visit, filter, count) {
  is_slope <- as.numeric(names(object$coefficients)[!is.na(object$coefficients)] != "(Intercept)")
  if (!any(is_slope > 0)) is_slope[] <- 1
  sums <- numeric(count)
  at <- 0
  has_filter <- !is.null(filter)
  visit(as.integer(has_filter), function(scores, before) {
    series <- drop(whitened(if (has_filter) rbind(before, scores) else scores, filter) %*% is_slope)
    sums[at + seq_along(series)] <<- series
    at <<- at + length(series)
  })
  sums <- sums[seq_len(at)]
  most <- floor((if (has_filter) 3 else 4) * (count / 100)^(2 / 9))
  covariances <- vapply(0:most, function(j) sum(sums[seq_len(at - j)] * sums[j + seq_len(at - j)]) / at, 0)
  level <- covariances[1] + 2 * sum(covariances[-1])
  slope <- 2 * sum(seq_len(most) * covariances[-1])
  floor(1.1447 * ((slope / level)^2 * at)^(1 / 3))
}

# The weighted sum of the autocovariances, before they are divided by anything: M + M' with M = sum s_t z_t',
# z_t = s_t / 2 + sum_j w_j s_(t-j).
long_run_sum <- function(visit, filter, lag, size) {
  has_filter <- !is.null(filter)
  total <- matrix(0, size, size)
  visit(lag + has_filter, function(scores, before) {
    series <- whitened(rbind(before, scores), filter)
    count <- nrow(series)
    # Those whose later row is new.
    new <- seq(max(1, count - nrow(scores) + 1), length.out = min(count, nrow(scores)))
    own <- series[new, , drop = FALSE]
    along <- own / 2
    for (j in seq_len(min(lag, count - 1))) {
      later <- new[new > j]
      at <- later - new[1] + 1
      along[at, ] <- along[at, , drop = FALSE] + (1 - j / (lag + 1)) * series[later - j, , drop = FALSE]
    }
    total <<- total + crossprod(own, along)
  })
  total <- total + t(total)
  if (!has_filter) return(total)
  recolour <- solve(diag(size) - filter)
  recolour %*% total %*% t(recolour)
}
