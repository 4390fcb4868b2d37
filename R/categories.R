# Models for a response of several categories: multinomial logit and cumulative link models. They share
# glmpp()'s frame, schema and blocks; what they have instead of one linear predictor per row is here.

#' Families for a response of several categories
#'
#' For the `family` argument of [glmpp()]. `multinomial()` is the multinomial logit (softmax) model of unordered
#' classes, \eqn{P(Y = k) = \exp(x'b_k) / \sum_j \exp(x'b_j)}; `ordinal()` the cumulative link model of ordered classes,
#' \eqn{P(Y \le k) = F(\theta_k - x'b)}, which with the logit link is the proportional odds model.
#'
#' @param baseline `TRUE`: the first class has no coefficients, as in `nnet::multinom()`. The name of a class: that one has
#'   none, as the last has in `VGAM::multinomial()`. `FALSE`: all classes have coefficients (symmetric softmax). They are
#'   determined only up to a vector that is added to all classes: their sum over the classes is that of `start` (zero by
#'   default), so that they change from `start` as little as any optimum does, and `vcov()` is that of coefficients with a
#'   fixed sum.
#' @param link The inverse of \eqn{F}: `"logit"` (logistic), `"probit"` (normal), `"cloglog"` (\eqn{F(x) = 1 - \exp(-\exp(x))}),
#'   `"loglog"` (\eqn{F(x) = \exp(-\exp(-x))}) or `"cauchit"` (Cauchy).
#'
#' @section The response:
#' A factor; for `multinomial()` also text, logical values, or a matrix of counts with a row for each trial or group and a column
#' for each class. For `ordinal()` the levels of the factor are taken in their order. Classes without rows are left out with a
#' warning of class `glmpp_warning_classes`; a class whose rows all have weight zero is an error of class `glmpp_error_classes`.
#'
#' @section Offsets and starts:
#' For `multinomial()` an offset is a matrix with a row for each row of the data and a column for each class, in the order
#' of the classes; with two classes it may be a vector, for the class that is not the baseline. `start` is a matrix of the shape
#' of `coef()`: a row for each class that has coefficients, a column for each column of the design. For `ordinal()` an offset is a
#' vector, added to \eqn{x'b}, and `start` is a vector: the coefficients, then the ascending thresholds. `etastart` and `mustart` are
#' refused.
#'
#' @section The fit:
#' An object of class `c("glmpp_multinomial", "glmpp_categories")` or `c("glmpp_ordinal", "glmpp_categories")`. It is no glm:
#' there are several linear predictors per row. Its components: `coefficients` (a matrix classes x columns; for `ordinal()` a
#' vector), `thresholds` (`ordinal()` only, named `"low|medium"`), `covariance`, `fitted.values` (a matrix rows x classes of
#' probabilities), `linear.predictors` (a column for each class with coefficients; for `ordinal()` a vector),
#' `deviance` (minus twice the log-likelihood without factorials, as in \pkg{nnet} and \pkg{MASS}), `null.deviance` (NA
#' with an offset), `rank` (the number of coefficients estimated), `df.residual`, `nobs` (the sum of the
#' weights, times the counts), `y` (codes, or the matrix of counts), `classes`, `separation` (NULL if there is none), and
#' `prior.weights`, `offset`, `iter`, `converged`, `family`, `call`, `formula`, `terms`, `model`, `xlevels`, `contrasts`,
#' `na.action`, `solver` as in [glmpp()].
#'
#' @section Solvers, penalties and standard errors:
#' `solver = "auto"` is [irls()] for `multinomial()`, whose expected information is the observed one ([lbfgs()] beyond 5000
#' coefficients), and [newton()] for `ordinal()`. The other [solvers] serve too, but for [sgd()] with ordinal models. Standard
#' errors of `multinomial()` come from the exact information; those of `ordinal()` from the observed information at the
#' optimum, as in `MASS::polr()`. (With the cauchit link `polr()` cuts the tails off, and its fits differ.) A [ridge()]
#' penalises each class's coefficients alike, and no thresholds; with a baseline the penalised fit depends on which
#' class that is, without one it does not.
#'
#' `vcov(fit, type = "HC1", cluster = ~ id)` is the sandwich, as [vcov.glmpp()] has it; `confint()` gives Wald intervals. `tidy()` and `glance()`
#' of \pkg{broom}, `lmtest::coeftest()` and `emmeans::emmeans()` take the fits: the latter by `mode = "prob"`, the probability of each class, or
#' `mode = "latent"`, the linear predictors less their mean over the classes (`ordinal()`: \eqn{x'b} less the mean of the thresholds).
#'
#' @section Separation:
#' Where some combination of columns tells a class from others without error, the likelihood rises for ever. The fit's last
#' step then still moves rows, and where it moves none the wrong way that is a proof: `separation`, a list, has its `type`
#' (`"complete"` where every row is told apart, or `"quasi-complete"`), the `classes` and `coefficients` that run to infinity (`Inf` or
#' `-Inf`), and `rows`, the `count` of the rows told apart and the `first` ten. It comes with a warning of class
#' `glmpp_warning_separation`. A fit that has not converged warns by `glmpp_warning_convergence`, and names the coefficients that
#' still move.
#'
#' @returns A family object, for [glmpp()] only.
#' @seealso [predict.glmpp_categories()] and [plot.glmpp_categories()].
#' @references McCullagh, P. (1980) Regression models for ordinal data, *Journal of the Royal Statistical Society B* 42, 109-142.
#'   Agresti, A. (2013) *Categorical Data Analysis*, 3rd edition, Wiley, ch. 8. Albert, A. and Anderson, J. A. (1984) On the
#'   existence of maximum likelihood estimates in logistic regression models, *Biometrika* 71, 1-10.
#' @examples
#' fit <- glmpp(Species ~ Sepal.Width, multinomial(), iris)
#' summary(fit)
#' predict(fit, data.frame(Sepal.Width = c(2.5, 3.5)), type = "probs")
#'
#' growth <- ordered(cut(ToothGrowth$len, c(0, 10, 20, 40)))
#' glmpp(growth ~ supp, ordinal("probit"), ToothGrowth)
#' @export
multinomial <- function(baseline = TRUE) {
  is_valid <- length(baseline) == 1 && !is.na(baseline) && (is.logical(baseline) || is.character(baseline))
  if (!is_valid) {
    stop_glmpp("argument", "`baseline` must be TRUE (the first class), FALSE (none) or the name of a class.",
               x = sprintf("It is %s.", deparse1(baseline)))
  }
  structure(list(family = "multinomial", link = "logit", baseline = baseline), class = c("glmpp_category_family", "family"))
}

ordinal_links <- c("logit", "probit", "cloglog", "loglog", "cauchit")

#' @rdname multinomial
#' @export
ordinal <- function(link = "logit") {
  if (!is.character(link) || length(link) != 1 || !link %in% ordinal_links) {
    stop_glmpp("argument", sprintf("`link` must be one of %s.", comma(dQuote(ordinal_links, FALSE))),
               x = sprintf("It is %s.", deparse1(link)))
  }
  structure(list(family = "ordinal", link = link), class = c("glmpp_category_family", "family"))
}

stop_several_predictors <- function(family) {
  stop_glmpp("family", sprintf("glmpp_fit() can't fit the %s family: a glm has one linear predictor per row.", family$family),
             i = sprintf("Use `glmpp(formula, %s(), data)`.", family$family))
}

has_categories <- function(family) inherits(family, "glmpp_category_family")

is_ordinal <- function(family) family$family == "ordinal"

fit_categories <- function(frame, family, start, contrasts, settings, singular.ok, call, formula, data, keep) {
  schema <- category_schema(frame, contrasts, family)
  design <- design_blocks(schema, frame)
  response <- read_categories(frame, family)
  settings <- category_settings(settings, design, response)
  solution <- solve_categories(design, response, schema, start, settings)
  check_rank(solution, solution$names, singular.ok)
  solution$separation <- find_category_separation(solution, design, response, settings)
  if (is.null(solution$separation)) warn_category_convergence(solution, settings)
  else warn_category_separation(solution$separation)
  fit <- new_category_fit(solution, schema, design, response, settings)
  complete_category_fit(fit, frame, schema, response, call, formula, data, keep)
}

# The thresholds take the place of an ordinal model's intercept.
category_schema <- function(frame, contrasts, family) {
  refuse_row_starts(frame)
  if (!is_ordinal(family)) return(new_schema(frame, contrasts))
  terms <- attr(frame, "terms")
  if (!attr(terms, "intercept")) {
    warn_glmpp("formula", "an intercept is needed and assumed",
               i = "The thresholds of an ordinal model take its place.")
    attr(attr(frame, "terms"), "intercept") <- 1L
  }
  schema <- new_schema(frame, contrasts)
  schema$intercept <- FALSE
  schema$columns <- schema$columns[-1]
  schema$assign <- schema$assign[-1]
  schema
}

refuse_row_starts <- function(frame) {
  given <- intersect(c("(etastart)", "(mustart)"), names(frame))
  if (!length(given)) return(invisible())
  stop_glmpp("argument", sprintf("`%s` can't be used with several linear predictors per row.", gsub("[()]", "", given[1])),
             i = "Give `start`: coefficients, in the shape that ?multinomial describes.")
}

# ---- The native fit ----

# What "auto" means here, and what can't be.
category_settings <- function(settings, design, response) {
  if (settings$is_auto) settings$solver <- auto_solver(design, response)
  if (settings$solver$name != "sgd") return(settings)
  if (is_ordinal(response$family)) {
    refuse_pairing(settings$solver, response$family, "a step by one row may put its thresholds out of order")
  }
  if (settings$solver$options$loss == "squared_error") {
    stop_glmpp("solver", "sgd() of the squared error is for one linear predictor per row.", i = "Use `loss = \"log_likelihood\"`.")
  }
  settings
}

# Newton's method needs fewer passes than Fisher scoring where the two differ. With 3000 coefficients Fisher scoring
# still took less time than L-BFGS; the information of 5000 is 200 MB.
auto_solver <- function(design, response) {
  many <- 5000
  count <- design$coefficients * length(free_classes(response))
  if (is_ordinal(response$family)) newton() else if (count > many) lbfgs() else irls()
}

solve_categories <- function(design, response, schema, start, settings, frozen = integer()) {
  if (!is.list(start)) start <- category_start(start, design, response, schema)
  penalty <- category_penalty(settings$penalty, response, schema)
  core <- core_categories(response, penalty, schema)
  core$family$frozen <- frozen
  progress <- solver_progress(settings)
  on.exit(progress$done())
  solution <- fit_categories_impl(design, core$family, core$response, core_start(start), core_control(settings), settings$solver,
                                  penalty, core_trace(settings$trace, progress$tick))
  if (solution$reason == "no_valid_start") {
    stop_glmpp("start", "cannot find valid starting values: please specify some.",
               x = "At `start` some class has no probability.", i = "Leave `start` out, or give one closer to the data.")
  }
  aliased <- if (is.matrix(start)) aliased_in_any_class(solution, ncol(start)) else solution$aliased
  if (length(setdiff(aliased, frozen))) {
    return(solve_categories(design, response, schema, without_aliased(start, aliased), settings, aliased))
  }
  solution$aliased <- union(aliased, frozen)
  solution$names <- core_names(response, schema$columns)
  solution$undetermined <- core$family$undetermined
  if (is.null(settings$solver$options$learning_rate)) solution$coefficients <- keep_sums(solution, start)
  solution$observed <- category_observed(solution, design, core, penalty, settings)
  solution
}

# Solvers leave aliased columns where they are; the fit has NA there.
without_aliased <- function(start, aliased) {
  if (is.matrix(start)) start[, unique((aliased - 1) %% ncol(start)) + 1] <- 0
  else start$slopes[aliased - length(start$thresholds)] <- 0
  start
}

# Sums over the classes that nothing determines are those of the start, which not every solver keeps.
keep_sums <- function(solution, start) {
  if (!length(solution$undetermined)) return(solution$coefficients)
  coefficients <- matrix(solution$coefficients, nrow(start), byrow = TRUE)
  drift <- colMeans(coefficients) - colMeans(start)
  drift[-solution$undetermined] <- 0
  as.vector(t(sweep(coefficients, 2, drift)))
}

# Standard errors of an ordinal model come from its observed information.
category_observed <- function(solution, design, core, penalty, settings) {
  if (core$family$kind == "softmax") return(NULL)
  sums <- category_sums_impl(design, core$family, core$response, solution$coefficients, settings$threads)
  information <- sums$observed_information
  if (!is.null(penalty)) diag(information) <- diag(information) + penalty$strength
  information
}

core_categories <- function(response, penalty, schema) {
  family <- response$family
  list(family = if (is_ordinal(family)) list(kind = "cumulative", link = family$link)
                else list(kind = "softmax", baseline = response$baseline,
                          undetermined = undetermined_columns(response, penalty, schema)),
       response = list(classes = length(response$classes), codes = response$codes, counts = response$counts,
                       weights = as_core_column(response$weights), offset = response$offset))
}

# The columns whose coefficients have a sum over the classes that nothing determines.
undetermined_columns <- function(response, penalty, schema) {
  if (response$baseline > 0) return(integer())
  columns <- seq_along(schema$columns)
  if (is.null(penalty)) columns else columns[penalty$strength[columns] == 0]
}

# A strength for each coefficient: the same in each class; none for thresholds.
category_penalty <- function(penalty, response, schema) {
  if (is.null(penalty)) return(NULL)
  if (is_ordinal(response$family) && penalty$intercept) {
    stop_glmpp("argument", "`penalty` can't include the intercept of an ordinal model.",
               i = "It has thresholds in its place, which are not penalised.")
  }
  core <- core_penalty(penalty, length(schema$columns), schema$intercept)
  list(strength = if (is_ordinal(response$family)) c(numeric(length(response$classes) - 1), core$strength)
                  else rep(core$strength, length(free_classes(response))))
}

core_names <- function(response, columns) {
  if (is_ordinal(response$family)) return(c(threshold_names(response$classes), columns))
  class_column_names(free_classes(response), columns)
}

class_column_names <- function(classes, columns) as.vector(t(outer(classes, columns, paste, sep = ":")))

threshold_names <- function(classes) paste(classes[-length(classes)], classes[-1], sep = "|")

# The classes that have coefficients.
free_classes <- function(response) if (response$baseline > 0) response$classes[-response$baseline] else response$classes

# Without a start: the shares of the classes.
category_start <- function(start, design, response, schema) {
  count <- design$coefficients
  shares <- response$totals / sum(response$totals)
  if (is_ordinal(response$family)) {
    if (!is.null(start)) return(check_ordinal_start(start, count, length(shares) - 1))
    middle <- if (is.null(response$offset)) 0 else mean(response$offset)
    cumulative <- cumsum(shares)[-length(shares)]
    return(list(slopes = numeric(count), thresholds = middle + thresholds_impl(cumulative, response$family$link)))
  }
  free <- free_classes(response)
  if (!is.null(start)) return(check_multinomial_start(start, free, schema$columns))
  start <- matrix(0, length(free), count, dimnames = list(free, schema$columns))
  if (!schema$intercept) return(start)
  level <- if (response$baseline > 0) log(shares[response$baseline]) else mean(log(shares))
  start[, 1] <- log(shares[match(free, response$classes)]) - level
  start
}

check_multinomial_start <- function(start, free, columns) {
  if (is.null(dim(start)) && length(free) == 1) start <- matrix(start, 1)
  wanted <- c(length(free), length(columns))
  if (is.numeric(start) && identical(dim(start), wanted) && all(is.finite(start) | is.na(start))) {
    return(matrix(as.double(replace(start, is.na(start), 0)), wanted[1], dimnames = list(free, columns)))
  }
  shape <- if (length(dim(start)) == 2) sprintf(", %d x %d", nrow(start), ncol(start)) else sprintf(" of length %d", length(start))
  stop_glmpp("start", sprintf("`start` must be a matrix of numbers, %d x %d: classes x columns of the design.", wanted[1], wanted[2]),
             x = sprintf("It is %s%s.", describe_type(start), shape),
             i = sprintf("Rows: %s. Columns: %s.", comma(free), comma(columns)),
             i = if (identical(dim(start), rev(wanted))) "Its transpose, t(start), has that shape.")
}

check_ordinal_start <- function(start, count, thresholds) {
  if (!is.numeric(start) || length(start) != count + thresholds) {
    stop_glmpp("start", sprintf("`start` must be numeric, with one element per coefficient (%d) and threshold (%d).", count, thresholds),
               x = sprintf("It is %s of length %d.", describe_type(start), length(start)))
  }
  start <- list(slopes = as.double(replace(start, is.na(start), 0)[seq_len(count)]),
                thresholds = as.double(start[count + seq_len(thresholds)]))
  if (all(is.finite(start$thresholds)) && !is.unsorted(start$thresholds, strictly = TRUE)) return(start)
  stop_glmpp("start", "The thresholds in `start`, its last elements, must be finite and ascend.",
             x = sprintf("They are %s.", comma(format(start$thresholds))))
}

core_start <- function(start) if (is.list(start)) c(start$thresholds, start$slopes) else as.vector(t(start))

# ---- The fit object ----

new_category_fit <- function(solution, schema, design, response, settings) {
  estimates <- if (is_ordinal(response$family)) ordinal_estimates(solution, schema, response)
               else multinomial_estimates(solution, schema, response)
  row_names <- response$names
  predictors <- category_predictors(estimates, design, response$offset, response$baseline, settings$threads)
  fitted <- category_probabilities(predictors, estimates$thresholds, response$family)
  dimnames(fitted) <- list(row_names, response$classes)
  rank <- estimate_count(estimates, response)
  nobs <- sum(response$totals)
  fit <- c(estimates, list(
    fitted.values = fitted, linear.predictors = name_predictors(predictors, row_names, response),
    deviance = solution$deviance, null.deviance = category_null_deviance(response, schema),
    aic = solution$deviance + 2 * rank, rank = rank,
    df.residual = if (is_ordinal(response$family)) nobs - rank
                  else solution$effective_rows * (length(response$classes) - 1) - rank,
    nobs = nobs, iter = solution$iterations, converged = solution$converged, classes = response$classes,
    baseline = response$baseline, family = response$family
  ))
  fit$separation <- solution$separation
  fit$solver <- list(
    name = settings$solver$name, reason = solution$reason, passes = solution$passes, condition = solution$condition,
    path = solution$path, score = structure(solution$score, names = solution$names), threads = settings$threads,
    control = settings[names(formals(glmpp_control))]
  )
  fit$trace <- new_trace(solution$trace, solution$names)
  fit$penalty <- settings$penalty
  fit
}

# Without a baseline one class is implied by the others.
estimate_count <- function(estimates, response) {
  if (!is.matrix(estimates$coefficients)) return(sum(!is.na(unlist(estimates[c("coefficients", "thresholds")]))))
  sum(!is.na(estimates$coefficients[1, ])) * (length(response$classes) - 1L)
}

# Estimates and their covariance, in the order of coef() and vcov(); aliased ones are NA.
multinomial_estimates <- function(solution, schema, response) {
  classes <- free_classes(response)
  count <- length(schema$columns)
  coefficients <- matrix(replace(solution$coefficients, solution$aliased, NA), length(classes), count, byrow = TRUE,
                         dimnames = list(classes, schema$columns))
  covariance <- expected_covariance(solution)
  if (!length(solution$undetermined)) return(list(coefficients = coefficients, covariance = covariance))
  list(coefficients = coefficients, covariance = centre_covariance(covariance, solution, length(classes)))
}

# Of coefficients whose sum over the classes is fixed.
centre_covariance <- function(covariance, solution, classes) {
  count <- nrow(covariance) / classes
  centred <- diag(seq_len(count) %in% solution$undetermined, count)
  centring <- diag(nrow(covariance)) - kronecker(matrix(1 / classes, classes, classes), centred)
  known <- !is.na(diag(covariance))
  centring <- centring[known, known, drop = FALSE]
  covariance[known, known] <- centring %*% covariance[known, known] %*% t(centring)
  covariance
}

# A column that is a combination of others is one for every class.
aliased_in_any_class <- function(solution, count) {
  columns <- unique((solution$aliased - 1) %% count)
  which((seq_along(solution$coefficients) - 1) %% count %in% columns)
}

ordinal_estimates <- function(solution, schema, response) {
  thresholds <- seq_len(length(response$classes) - 1)
  estimates <- named(replace(solution$coefficients, solution$aliased, NA), solution$names)
  order <- estimate_order(response, length(estimates))
  list(coefficients = estimates[-thresholds], thresholds = estimates[thresholds],
       covariance = observed_covariance(solution)[order, order])
}

# From the core's order to that of vcov(), which has the thresholds last.
estimate_order <- function(response, count) {
  each <- seq_len(count)
  if (!is_ordinal(response$family)) return(each)
  thresholds <- seq_len(length(response$classes) - 1)
  c(each[-thresholds], thresholds)
}

expected_covariance <- function(solution) {
  active <- seq_along(solution$active)
  inverse <- if (length(active)) chol2inv(solution$root[, active, drop = FALSE]) else matrix(0, 0, 0)
  all <- spread_covariance(inverse, solution)
  all[solution$aliased, ] <- NA
  all[, solution$aliased] <- NA
  all
}

# Away from an optimum, and for the cauchit link, the observed information need not be positive definite.
observed_covariance <- function(solution) {
  active <- setdiff(solution$active, solution$aliased)
  information <- solution$observed[active, active, drop = FALSE]
  scale <- sqrt(abs(diag(information)))
  root <- tryCatch(chol(information / outer(scale, scale)), error = function(e) NULL)
  if (!is.null(root)) return(spread_covariance(chol2inv(root) / outer(scale, scale), solution, active))
  warn_glmpp("covariance", "The observed information is not positive definite: standard errors are from the expected information.",
             i = "The fit is no proper maximum of the likelihood.")
  expected_covariance(solution)
}

spread_covariance <- function(covariance, solution, active = solution$active) {
  count <- length(solution$names)
  all <- matrix(NA_real_, count, count, dimnames = list(solution$names, solution$names))
  all[active, active] <- covariance
  all
}

# ---- Predictors and probabilities ----

# A column for each class, zero for the baseline; for an ordinal model a vector.
category_predictors <- function(estimates, design, offset, baseline, threads) {
  coefficients <- replace(estimates$coefficients, is.na(estimates$coefficients), 0)
  if (!is.null(estimates$thresholds)) {
    eta <- linear_predictor_impl(design, as.double(coefficients), threads)
    return(if (is.null(offset)) eta else eta + offset)
  }
  classes <- nrow(coefficients) + (baseline > 0)
  free <- setdiff(seq_len(classes), baseline)
  eta <- matrix(0, design$rows, classes)
  for (k in seq_along(free)) eta[, free[k]] <- linear_predictor_impl(design, as.double(coefficients[k, ]), threads)
  if (is.null(offset)) eta else eta + offset
}

category_probabilities <- function(predictors, thresholds, family) {
  if (is_ordinal(family)) cumulative_impl(predictors, thresholds, family$link) else softmax_impl(predictors)
}

# As predict() gives them: relative to the baseline, which is left out.
name_predictors <- function(predictors, row_names, response) {
  if (!is.matrix(predictors)) return(named(predictors, row_names))
  baseline <- response$baseline
  if (baseline > 0) predictors <- predictors[, -baseline, drop = FALSE] - predictors[, baseline]
  dimnames(predictors) <- list(row_names, free_classes(response))
  predictors
}

# The deviance of the shares of the classes.
category_null_deviance <- function(response, schema) {
  if (!is.null(response$offset)) return(NA_real_)
  totals <- response$totals
  if (is_ordinal(response$family) || schema$intercept) return(-2 * sum(totals * log(totals / sum(totals))))
  2 * sum(totals) * log(length(totals))
}

complete_category_fit <- function(fit, frame, schema, response, call, formula, data, keep) {
  fit$y <- if (keep$y) response$codes %||% response$counts
  fit$prior.weights <- full_weights(response)
  if (keep$model) fit$model <- frame_without_counts(frame)
  if (keep$x) fit$x <- stats::model.matrix(schema$terms, frame, schema$contrasts)
  structure(c(fit, list(
    call = call, formula = formula, terms = schema$terms, data = data, offset = response$offset,
    na.action = attr(frame, "na.action"), contrasts = schema$contrasts, xlevels = schema$xlevels, schema = schema
  )), class = c(paste0("glmpp_", fit$family$family), "glmpp_categories"))
}
