# Fits of families with a parameter of their own, certified in high precision: the equations of the likelihood are solved by Rmpfr.
#
#   Rscript -e 'source(system.file("accuracy", "parameters.R", package = "glmpp")); print(parameter_digits(), digits = 3)'

certified_cases <- function() {
  rain <- transform(MASS::quine, rain = Days * (1 + as.integer(Age) / 7) / 3)
  epil <- transform(MASS::epil, lbase = log(base))
  list(
    list("quine", Days ~ Eth + Sex + Age + Lrn, MASS::quine), list("quine, interactions", Days ~ Eth * Sex + Age * Sex, MASS::quine),
    list("quine, mean", Days ~ 1, MASS::quine), list("epil", y ~ trt * lbase + V4, epil), list("epil, offset", y ~ trt + V4 + offset(lbase), epil),
    list("sprays", count ~ spray, datasets::InsectSprays), list("warpbreaks", breaks ~ wool * tension, datasets::warpbreaks),
    list("esoph", ncontrols ~ agegp, datasets::esoph),
    list("quine", rain ~ Eth + Sex + Age, rain, 1.1), list("quine", rain ~ Eth * Sex, rain, 1.5), list("quine", rain ~ Age + Lrn, rain, 1.9),
    list("epil", y ~ trt + lbase, epil, 1.3)
  )
}

# A table with a row for each case: the fewest correct digits of coefficients, relative to the larger of estimate and standard error, and
# those of theta, for glmpp() and for MASS::glm.nb() or glm().
parameter_digits <- function(cases = certified_cases()) {
  do.call(rbind, lapply(cases, function(case) {
    power <- if (length(case) > 3) case[[4]]
    family <- if (is.null(power)) glmpp::negative_binomial() else glmpp::tweedie(power)
    ours <- glmpp::glmpp(case[[2]], family, case[[3]])
    theirs <- suppressWarnings(if (is.null(power)) MASS::glm.nb(case[[2]], case[[3]]) else stats::glm(case[[2]], family, case[[3]]))
    exact <- certify(ours, case[[2]], case[[3]], power)
    errors <- sqrt(diag(stats::vcov(ours)))
    fewest <- function(b) min(digits_beside(b, exact$coefficients, pmax(abs(stats::coef(ours)), errors)))
    of_theta <- function(theta) if (is.null(power)) digits_beside(theta, exact$theta, ours$theta) else NA
    data.frame(case = case[[1]], family = if (is.null(power)) "negative binomial" else ours$family$family,
               coef_glmpp = fewest(stats::coef(ours)), coef_theirs = fewest(stats::coef(theirs)),
               theta_glmpp = of_theta(ours$theta), theta_theirs = of_theta(theirs$theta))
  }))
}

digits_beside <- function(value, exact, scale) {
  error <- Rmpfr::asNumeric(abs(Rmpfr::mpfr(unname(value), 160) - exact)) / scale
  pmin(-log10(pmax(error, 1e-17)), 16)
}

# Under the log link, from the fit on: steps by its covariance with scores of 160 bits, until they have 30 digits.
certify <- function(fit, formula, data, power = NULL) {
  precise <- function(x) Rmpfr::mpfr(x, 160)
  x <- stats::model.matrix(formula, data)
  y <- fit$y
  offset <- if (is.null(fit$offset)) 0 * y else fit$offset
  covariance <- stats::vcov(fit, dispersion = 1)
  b <- precise(unname(stats::coef(fit)))
  theta <- if (is.null(power)) precise(fit$theta)
  beyond <- vapply(seq_len(max(y)), function(k) sum(y >= k), 0)
  for (round in seq_len(300)) {
    eta <- precise(unname(offset))
    for (j in seq_along(b)) eta <- eta + unname(x[, j]) * b[j]
    mu <- exp(eta)
    residual <- if (is.null(power)) (unname(y) - mu) * theta / (theta + mu) else (unname(y) - mu) * exp((1 - precise(power)) * eta)
    score <- vapply(seq_along(b), function(j) Rmpfr::asNumeric(sum(unname(x[, j]) * residual)), 0)
    step <- drop(covariance %*% score)
    b <- b + unname(step)
    moved <- max(abs(step) / sqrt(diag(covariance)))
    if (is.null(power)) {
      of_theta <- sum(beyond / (theta + (seq_along(beyond) - 1))) +
        sum(log(theta) + 1 - log(theta + mu) - (unname(y) + theta) / (theta + mu))
      of_theta <- Rmpfr::asNumeric(of_theta) * fit$SE.theta^2
      theta <- theta + of_theta
      moved <- max(moved, abs(of_theta) / fit$SE.theta)
    }
    if (moved < 1e-30) return(list(coefficients = b, theta = theta))
  }
  stop("the equations were not solved to 30 digits")
}
