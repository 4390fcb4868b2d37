# Penalties on the negative log-likelihood.

#' Ridge penalty
#'
#' Adds `lambda`/2 times the sum of squared coefficients to the negative log-likelihood (with dispersion 1, as in
#' [nll()]), on the coefficients as they are: columns are not scaled.
#'
#' The fit's `deviance`, `aic` and `df.residual` are those of the likelihood at the penalised estimate, with `rank`
#' degrees of freedom; [vcov()] is the inverse of the penalised information (the posterior's normal
#' approximation under independent normal priors with variance 1/`lambda`), times the dispersion.
#' `ridge(1, intercept = TRUE)` is the default problem of liblinear and of scikit-learn's logistic regression by it. `summary()` says
#' the effective degrees of freedom, \eqn{tr((H + P)^{-1} H)}{trace((H + P)^-1 H)} with the information H and the second derivative P
#' of the penalty (`effective_df` of its value).
#'
#' @param lambda One positive number, or one for each coefficient (the intercept's among them, where there is one; none
#'   negative).
#' @param intercept Should the intercept be penalised too? Not read where `lambda` has a number for each coefficient.
#' @returns An object of class `"glmpp_penalty"`.
#' @references Hoerl, A. E. and Kennard, R. W. (1970) Ridge regression, *Technometrics* 12, 55-67. Le Cessie, S. and
#'   van Houwelingen, J. C. (1992) Ridge estimators in logistic regression, *Applied Statistics* 41, 191-201.
#' @examples
#' glmpp(am ~ wt + hp, binomial, mtcars, penalty = ridge(1))
#' @concept ridge
#' @concept regularisation
#' @concept shrinkage
#' @concept penalised regression
#' @export
ridge <- function(lambda, intercept = FALSE) {
  valid <- !missing(lambda) && is.numeric(lambda) && length(lambda) > 0 && all(is.finite(lambda)) && all(lambda >= 0) && any(lambda > 0)
  if (!valid) {
    stop_glmpp("argument", "`lambda` must be a positive number, or numbers of which none is negative and some positive.",
               x = if (!missing(lambda)) sprintf("It is %s.", value_text(lambda)))
  }
  check_flag(intercept, "intercept")
  structure(list(name = "ridge", lambda = as.double(lambda), intercept = as.logical(intercept)), class = "glmpp_penalty")
}

#' Lasso, elastic net and group lasso
#'
#' Penalties that set coefficients to zero, for [glmpp()] with one `lambda`, [glmpp_path()] and [glmpp_cv()]. With the deviance D, the sum W of the
#' prior weights, and groups g of coefficients, what is minimised is
#' \deqn{\frac{D(\beta)}{2 W} + \lambda \sum_g f_g \left(\alpha \sqrt{m_g} \|\theta_g\| + \frac{1 - \alpha}{2} \|\theta_g\|^2\right),
#' \quad l \le \beta \le u,}{D(b) / (2 W) + lambda sum_g f_g (alpha sqrt(m_g) |theta_g| + (1 - alpha)/2 |theta_g|^2), lower <= b <= upper,}
#' which is glmnet's objective where every column is a group of its own.
#'
#' \eqn{\theta_g}{theta_g} are the coefficients of the group's columns after standardisation: a single column is divided by its standard
#' deviation (about its mean, in the prior weights, over W); the columns of a group are turned and scaled until they are uncorrelated with
#' variance 1, so that the fit does not depend on a factor's contrasts or a spline's basis. Coefficients are always reported for the columns
#' as they are. For `gaussian` with `alpha < 1`, glmnet() divides lambda by the standard deviation of the response in the second part:
#' its fit is that of another `lambda` here.
#'
#' @section A fit at one lambda:
#' `glmpp(formula, family, data, penalty = lasso(lambda))` is the fit that [glmpp_path()] has at that `lambda`, wherever the rows are,
#' as an object of class `glmpp`, for every family but those whose own parameter is to be estimated, [multinomial()] and [ordinal()].
#' It starts from the fit without the penalised columns, takes proximal Newton steps (`fit$solver$name` is `"proximal_newton"`), and
#' has converged when no optimality condition is violated by more than 1e-9 of the null model's largest slope
#' (`fit$solver$violation`). `fit$solver$score` is that of the likelihood alone. Coefficients of groups that are not chosen are 0; NA
#' only where a column that is free is a combination of others. `deviance` and `aic` are the likelihood's; `rank`, the degrees of
#' freedom of `df.residual` and of [logLik()], counts free coefficients and others that are not zero (those of columns that do not
#' depend on each other): unbiased for the lasso (Zou, Hastie and Tibshirani, 2007), an upper bound for groups and ridge parts.
#'
#' @section Standard errors:
#' There are none: the coefficients are shrunken towards zero, and zero for some, by a choice of the same rows. `vcov()`, `confint()`,
#' `anova()`, `drop1()`, `hatvalues()`, `predict(se.fit = TRUE)`, [as.glm()], [bootstrap()] and others are errors of class
#' `glmpp_error_penalty`. `select_fit(fit)` refits the terms that have a coefficient which is not zero, without a penalty; on other
#' rows (`update(select_fit(fit), data = )`, or [glmpp_path()] on one half of the rows and the chosen formula on the other) its
#' standard errors and tests are valid. The bootstrap is not consistent for coefficients that are zero (Chatterjee and Lahiri, 2010).
#'
#' @param lambda The strengths, numbers of at least 0: one for [glmpp()]; for a path NULL makes a sequence, and the argument of
#'   [glmpp_path()] goes before.
#' @param alpha The share of the first part: 1 is the lasso, 0 a ridge penalty.
#' @param groups `"terms"`: the columns of a term with a factor, or with a basis of functions (`poly()`, `ns()`, `bs()` and others), are one
#'   group, and are zero together; any other column is a group of its own. `"columns"`: each column, dummy variables too. Or a label
#'   for each coefficient but the intercept.
#' @param penalty_factor \eqn{f_g}{f_g}: one number, one for each coefficient but the intercept, or numbers with names of terms or
#'   coefficients, others having 1. 0 leaves a coefficient free. They are taken as they are (glmnet() scales them to a mean of 1).
#' @param standardize Should columns be standardised? Else \eqn{\theta_g}{theta_g} are the coefficients as they are. A column
#'   without variance has no standard deviation to be divided by: it is not penalised, and beside an intercept it is aliased.
#' @param lower,upper Bounds of coefficients, in the shapes of `penalty_factor`; they hold 0. For coefficients in a group of one.
#' @param intercept Should the intercept be penalised too?
#' @param scale `"mean"`: lambda as above. `"sum"`: it is divided by W, so that it goes with the log-likelihood of all rows, as that of
#'   [ridge()] does.
#' @param across_classes For [multinomial()] (`baseline = FALSE`): should the coefficients of a column in all classes be one group?
#' @returns An object of class `c("glmpp_separable", "glmpp_penalty")`.
#' @references Tibshirani, R. (1996) Regression shrinkage and selection via the lasso, *Journal of the Royal Statistical Society B*
#'   58, 267-288. Zou, H. and Hastie, T. (2005) Regularization and variable selection via the elastic net, *ibid.* 67, 301-320. Yuan,
#'   M. and Lin, Y. (2006) Model selection and estimation in regression with grouped variables, *ibid.* 68, 49-67. Simon, N. and
#'   Tibshirani, R. (2012) Standardization and the group lasso penalty, *Statistica Sinica* 22, 983-1001. Zou, H., Hastie, T. and
#'   Tibshirani, R. (2007) On the "degrees of freedom" of the lasso, *Annals of Statistics* 35, 2173-2192. Chatterjee, A. and Lahiri,
#'   S. N. (2010) Asymptotic properties of the residual bootstrap for lasso estimators, *Proceedings of the American Mathematical
#'   Society* 138, 4497-4509.
#' @examples
#' glmpp_path(mpg ~ wt + hp + factor(cyl), gaussian, mtcars, penalty = lasso(), nlambda = 20)
#' fit <- glmpp(mpg ~ wt + hp + factor(cyl), gaussian, mtcars, penalty = lasso(0.5))
#' fit
#' select_fit(fit)
#' # Free but for its sign:
#' coef(glmpp_path(mpg ~ wt + hp, gaussian, mtcars, penalty = lasso(0, upper = c(hp = 0))))
#' @export
lasso <- function(lambda = NULL, groups = "terms", penalty_factor = 1, standardize = TRUE, lower = -Inf, upper = Inf, intercept = FALSE,
                  scale = c("mean", "sum"), across_classes = FALSE) {
  new_separable("lasso", lambda, 1, groups, penalty_factor, standardize, lower, upper, intercept, scale, across_classes)
}

#' @rdname lasso
#' @export
elastic_net <- function(lambda = NULL, alpha = 0.5, groups = "terms", penalty_factor = 1, standardize = TRUE, lower = -Inf, upper = Inf,
                        intercept = FALSE, scale = c("mean", "sum"), across_classes = FALSE) {
  new_separable("elastic_net", lambda, alpha, groups, penalty_factor, standardize, lower, upper, intercept, scale, across_classes)
}

#' @rdname lasso
#' @export
group_lasso <- function(lambda = NULL, groups = "terms", penalty_factor = 1, standardize = TRUE, intercept = FALSE,
                        scale = c("mean", "sum"), across_classes = FALSE) {
  new_separable("group_lasso", lambda, 1, groups, penalty_factor, standardize, -Inf, Inf, intercept, scale, across_classes)
}

new_separable <- function(name, lambda, alpha, groups, penalty_factor, standardize, lower, upper, intercept, scale, across_classes) {
  if (!is.null(lambda)) check_lambda(lambda)
  if (!is.numeric(alpha) || length(alpha) != 1 || is.na(alpha) || alpha < 0 || alpha > 1) {
    stop_glmpp("argument", "`alpha` must be one number between 0 and 1.", x = sprintf("It is %s.", value_text(alpha)))
  }
  check_flags(list(standardize = standardize, intercept = intercept, across_classes = across_classes))
  if (length(groups) == 1) groups <- check_choice(groups, c("terms", "columns"), "groups")
  for (part in list(list(penalty_factor, "penalty_factor"), list(lower, "lower"), list(upper, "upper"))) {
    if (is.numeric(part[[1]]) && length(part[[1]]) && !anyNA(part[[1]])) next
    stop_glmpp("argument", sprintf("`%s` must be numbers.", part[[2]]), x = sprintf("It is %s.", value_text(part[[1]])))
  }
  structure(list(name = name, lambda = lambda, alpha = alpha, groups = groups, penalty_factor = penalty_factor, standardize = standardize,
                 lower = lower, upper = upper, intercept = intercept, scale = match.arg(scale, c("mean", "sum")),
                 across_classes = across_classes), class = c("glmpp_separable", "glmpp_penalty"))
}

check_lambda <- function(lambda) {
  if (is.numeric(lambda) && length(lambda) && all(is.finite(lambda)) && all(lambda >= 0)) return(invisible())
  stop_glmpp("argument", "`lambda` must be numbers of at least 0.", x = sprintf("It is %s.", value_text(lambda)))
}

is_separable <- function(penalty) inherits(penalty, "glmpp_separable")

#' @export
format.glmpp_separable <- function(x, ...) {
  lambda <- if (length(x$lambda) == 1) format(x$lambda, digits = 6) else deparse1(x$lambda)
  said <- c(if (!is.null(x$lambda)) sprintf("lambda = %s", lambda), if (x$name == "elastic_net") sprintf("alpha = %s", format(x$alpha)),
            if (identical(x$groups, "columns")) "groups = \"columns\"", if (!x$standardize) "standardize = FALSE")
  sprintf("%s(%s)", x$name, comma(said, Inf))
}

#' @export
format.glmpp_penalty <- function(x, ...) sprintf("%s(lambda = %s, intercept = %s)", x$name, deparse1(x$lambda), x$intercept)

#' @export
print.glmpp_penalty <- function(x, ...) {
  cat(format(x), "\n", sep = "")
  invisible(x)
}

# Whether something is added to the likelihood, or to its score, or holds the coefficients.
is_penalised <- function(settings) !is.null(settings$penalty) || !is.null(settings$reduction) || !is.null(settings$constraints)

# A lasso of strength zero is none.
is_kept_finite <- function(settings) {
  if (!is_penalised(settings)) return(FALSE)
  penalty <- settings$penalty
  !(is_separable(penalty) && penalty$lambda == 0 && all(penalty$lower == -Inf) && all(penalty$upper == Inf))
}

is_penalised_fit <- function(object) {
  !is.null(.subset2(object, "penalty")) || !is.null(.subset2(object, "bias_reduction")) || is_constrained_fit(object)
}

check_penalty <- function(penalty) {
  if (is_separable(penalty)) return(check_one_lambda(penalty))
  if (is.null(penalty) || inherits(penalty, "glmpp_penalty")) return(penalty)
  is_of_survival <- inherits(penalty, "coxph.penalty")
  stop_glmpp("argument", "`penalty` must be NULL or made by ridge(), lasso(), elastic_net() or group_lasso().",
             x = if (is_of_survival) "It is made by the ridge() of survival, which hides ours." else sprintf("It is %s.", value_text(penalty)),
             i = if (is_of_survival) "Write `penalty = glmpp::ridge(lambda)`." else other_penalty(penalty))
}

other_penalty <- function(penalty) {
  if (is.numeric(penalty) && length(penalty) == 1) return(sprintf("Write `penalty = ridge(%s)`.", format(penalty)))
  if (!is.character(penalty) || length(penalty) != 1) return(NULL)
  if (grepl("ridge|l2", penalty, ignore.case = TRUE)) return("Write `penalty = ridge(lambda)`.")
  if (grepl("firth|jeffreys", penalty, ignore.case = TRUE)) return("Write `bias_reduction = \"mean\"`.")
  if (grepl("lasso|l1|elastic|glmnet", penalty, ignore.case = TRUE)) return("Write `penalty = lasso(lambda)`, or follow a path: `glmpp_path(formula, family, data, penalty = lasso())`.")
}

# A fit is at one of them.
check_one_lambda <- function(penalty) {
  if (length(penalty$lambda) == 1) return(penalty)
  stop_glmpp("argument", sprintf("`lambda` of %s() must be one number for a fit.", penalty$name),
             x = if (length(penalty$lambda)) sprintf("It has %d.", length(penalty$lambda)) else "It is not given.",
             i = "Several are followed by glmpp_path(); glmpp_cv() chooses one by cross-validation, `select_fit()` by a criterion.")
}

# What the core is told of a ridge: a strength for each coefficient.
core_penalty <- function(penalty, columns, intercept) {
  if (is.null(penalty)) return(NULL)
  lambda <- penalty$lambda
  if (!length(lambda) %in% c(1L, columns)) {
    stop_glmpp("argument", sprintf("`lambda` must have one element, or one for each coefficient (%d).", columns),
               x = sprintf("It has %d.", length(lambda)))
  }
  strength <- rep_len(lambda, columns)
  if (length(lambda) == 1 && intercept && !penalty$intercept) strength[1] <- 0
  list(name = penalty$name, strength = strength, maker = penalty$maker)
}
