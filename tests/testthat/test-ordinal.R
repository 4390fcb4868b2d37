# ordinal(): against MASS::polr() and VGAM, and what must hold of any fit.

housing_fit <- function(...) glmpp(Sat ~ Infl + Type + Cont, ordinal(...), MASS::housing, weights = Freq)

# Without cauchit, whose tails polr() cuts off at 100: that is no likelihood of the model.
polr_methods <- c(logit = "logistic", probit = "probit", cloglog = "cloglog", loglog = "loglog")

ordinal_links <- c(names(polr_methods), "cauchit")

all_estimates <- function(fit) c(coef(fit), fit$thresholds)

test_that("fits equal MASS::polr() run to convergence", {
  skip_without("MASS")
  for (name in names(ordinal_problems())) for (link in names(polr_methods)) {
    problem <- ordinal_problems()[[name]]
    label <- paste(name, link)
    ours <- fit_category_problem(problem, quote(glmpp), family = ordinal(link))
    control <- list(reltol = 1e-16, maxit = 5000, ndeps = rep(1e-4, length(all_estimates(ours))))
    theirs <- suppressWarnings(tryCatch(
      fit_category_problem(problem, quote(MASS::polr), method = polr_methods[[link]], Hess = TRUE, control = control),
      error = function(e) NULL
    ))
    # polr() finds no start for one.
    if (is.null(theirs)) {
      expect_identical(label, "esoph cloglog")
      next
    }
    errors <- sqrt(diag(vcov(theirs)))
    expect_identical(names(all_estimates(ours)), names(c(coef(theirs), theirs$zeta)), label = label)
    expect_lt(category_difference(all_estimates(ours), c(coef(theirs), theirs$zeta), errors), 1e-6, label = label)
    expect_lt(category_difference(sqrt(diag(vcov(ours))), errors), 1e-6, label = label)
    expect_identical(dimnames(vcov(ours)), dimnames(vcov(theirs)), label = label)
    expect_equal(deviance(ours), deviance(theirs), tolerance = 1e-12, label = label)
    expect_equal(logLik(ours), logLik(theirs), tolerance = 1e-12, label = label, ignore_attr = "df")
    expect_equal(df.residual(ours), df.residual(theirs), label = label)
    expect_equal(unname(fitted(ours)), unname(fitted(theirs)), tolerance = 1e-6, label = label)
  }
})

test_that("the cauchit link equals VGAM::cumulative()", {
  skip_without("MASS", "VGAM")
  d <- transform(MASS::birthwt, size = cut(bwt, c(0, 2500, 3000, 3500, 6000), ordered_result = TRUE))
  ours <- glmpp(size ~ age + lwt + smoke + ht, ordinal("cauchit"), d)
  theirs <- VGAM::vglm(size ~ age + lwt + smoke + ht, VGAM::cumulative("cauchitlink", parallel = TRUE), d, epsilon = 1e-14, maxit = 500)
  expect_equal(unname(c(ours$thresholds, -coef(ours))), unname(VGAM::coef(theirs)), tolerance = 1e-6)
  expect_equal(deviance(ours), VGAM::deviance(theirs), tolerance = 1e-12)
})

test_that("two classes are a binomial model", {
  for (link in c("logit", "probit", "cauchit")) {
    ours <- glmpp(factor(case) ~ spontaneous + induced, ordinal(link), infert)
    binary <- glmpp(case ~ spontaneous + induced, binomial(link), infert, epsilon = 1e-13)
    expect_equal(unname(c(-ours$thresholds, coef(ours))), unname(coef(binary)), tolerance = 1e-7, label = link)
    expect_equal(deviance(ours), deviance(binary), tolerance = 1e-12, label = link)
  }
})

test_that("score and information are derivatives of the likelihood", {
  d <- datasets::infert
  at <- c(0.03, -0.2, 0.1, -0.5, 1.5)
  for (link in ordinal_links) {
    value <- function(part) function(b) nll(education ~ age + parity + induced, ordinal(link), d, b)[[part]]
    expect_equal(unname(value("gradient")(at)), central_differences(value("value"), at, 1e-6), tolerance = 1e-6, label = link)
    expect_equal(unname(value("observed_information")(at)), unname(central_differences(value("gradient"), at, 1e-6)),
                 tolerance = 1e-6, label = link)
  }
})

test_that("the expected information is the mean of the observed one over the classes", {
  d <- expand.grid(y = factor(1:4), x = c(-1, 0.3, 2), g = factor(1:2))
  at <- c(0.4, 0.2, -0.7, 0.1, 0.9)
  for (link in ordinal_links) {
    probabilities <- glmpp:::cumulative_impl(0.4 * d$x + 0.2 * (d$g == 2), at[3:5], link)
    d$p <- probabilities[cbind(seq_len(nrow(d)), d$y)]
    both <- nll(y ~ x + g, ordinal(link), d, at, weights = p)
    expect_equal(both$information, both$observed_information, tolerance = 1e-10, label = link)
  }
})

test_that("every solver reaches the optimum", {
  skip_without("MASS")
  for (link in c("logit", "cauchit")) {
    fit <- housing_fit(link)
    for (solver in list(irls(), lbfgs(), gradient_descent(), coordinate_descent())) {
      other <- glmpp(Sat ~ Infl + Type + Cont, ordinal(link), MASS::housing, weights = Freq, solver = solver, maxit = 200)
      expect_equal(all_estimates(other), all_estimates(fit), tolerance = 1e-6, label = paste(link, solver$name))
      expect_equal(vcov(other), vcov(fit), tolerance = 1e-5, label = paste(link, solver$name))
    }
  }
})

test_that("a weight is a row repeated; reversed classes reverse the signs; threads change nothing", {
  skip_without("MASS")
  d <- MASS::housing
  fit <- housing_fit()
  repeated <- glmpp(Sat ~ Infl + Type + Cont, ordinal(), d[rep(seq_len(nrow(d)), d$Freq), ])
  expect_equal(all_estimates(repeated), all_estimates(fit), tolerance = 1e-9)
  expect_equal(BIC(repeated), BIC(fit))
  reversed <- glmpp(factor(Sat, rev(levels(Sat))) ~ Infl + Type + Cont, ordinal("cloglog"), d, weights = Freq)
  mirrored <- housing_fit("loglog")
  expect_equal(-coef(reversed), coef(mirrored), tolerance = 1e-8)
  expect_equal(-rev(unname(reversed$thresholds)), unname(mirrored$thresholds), tolerance = 1e-8)
  large <- d[rep(seq_len(nrow(d)), 1000), ]
  fits <- lapply(1:3, function(threads) glmpp(Sat ~ Infl + Cont, ordinal(), large, weights = Freq, threads = threads))
  expect_identical(fits[[2]]$covariance, fits[[1]]$covariance)
  expect_identical(fits[[3]]$thresholds, fits[[1]]$thresholds)
})

test_that("offsets, aliasing and the missing intercept are as documented", {
  d <- transform(datasets::infert, o = age / 30, twice = 2 * parity)
  fit <- glmpp(education ~ age + parity, ordinal(), d)
  shifted <- glmpp(education ~ age + parity, ordinal(), d, offset = o)
  expect_equal(coef(shifted) + c(1 / 30, 0), coef(fit), tolerance = 1e-8)
  expect_equal(predict(shifted, d[1:4, ], "probs"), fitted(fit)[1:4, ], tolerance = 1e-8)
  aliased <- glmpp(education ~ age + parity + twice, ordinal(), d)
  expect_identical(names(which(is.na(coef(aliased)))), "twice")
  started <- glmpp(education ~ age + parity + twice, ordinal(), d, start = c(0.1, 0.2, 0.3, 0, 1))
  expect_equal(fitted(started), fitted(fit), tolerance = 1e-8)
  expect_equal(deviance(aliased), deviance(fit), tolerance = 1e-12)
  expect_warning(bare <- glmpp(education ~ 0 + age + parity, ordinal(), d), class = "glmpp_warning_formula")
  expect_equal(coef(bare), coef(fit))
})

test_that("predictions and their standard errors follow the model", {
  skip_without("MASS")
  d <- MASS::housing
  for (link in ordinal_links) {
    fit <- housing_fit(link)
    expect_equal(predict(fit, d[5:9, ], "probs"), fitted(fit)[5:9, ], tolerance = 1e-12)
    expect_equal(unname(rowSums(fitted(fit))), rep(1, 72), tolerance = 1e-12)
    probabilities <- function(b) {
      fit$coefficients[] <- b[1:6]
      fit$thresholds[] <- b[7:8]
      as.vector(predict(fit, d[5, ], "probs"))
    }
    gradient <- central_differences(probabilities, all_estimates(fit))
    expected <- sqrt(diag(gradient %*% vcov(fit) %*% t(gradient)))
    expect_equal(as.vector(predict(fit, d[5, ], "probs", se.fit = TRUE)$se.fit), expected, tolerance = 1e-6, label = link)
  }
  link <- predict(fit, d[5, ], se.fit = TRUE)
  x <- model.matrix(fit)[5, ]
  expect_equal(unname(link$fit), sum(x * coef(fit)))
  expect_equal(unname(link$se.fit), sqrt(drop(x %*% vcov(fit)[1:6, 1:6] %*% x)))
  expect_s3_class(predict(fit, d, "class"), "factor")
})

test_that("anova(), residuals, loglik() and printing read a fit", {
  skip_without("MASS")
  fit <- glmpp(Sat ~ Infl + Type + Cont, ordinal(), MASS::housing, weights = Freq)
  small <- update(fit, . ~ . - Cont)
  theirs <- suppressWarnings(anova(MASS::polr(Sat ~ Infl + Type, MASS::housing, weights = Freq),
                                   MASS::polr(Sat ~ Infl + Type + Cont, MASS::housing, weights = Freq)))
  expect_equal(anova(small, fit)[["Pr(>Chi)"]], theirs[["Pr(Chi)"]], tolerance = 1e-4)
  expect_equal(anova(fit)[["Resid. Dev"]][c(3, 4)], c(deviance(small), deviance(fit)), tolerance = 1e-12)
  expect_equal(sum(residuals(fit)^2), deviance(fit), tolerance = 1e-12)
  expect_equal(sum(loglik(fit)), as.numeric(logLik(fit)), tolerance = 1e-12)
  expect_output(print(summary(fit)), "Thresholds:")
  expect_output(print(fit), "Cumulative logit model, 3 classes: Low, Medium, High")
  expect_output(print(summary(glmpp(Sat ~ 1, ordinal(), MASS::housing, weights = Freq))), "Low\\|Medium")
})

test_that("a ridge makes the penalised score zero, thresholds apart", {
  d <- datasets::infert
  fit <- glmpp(education ~ age + parity + induced, ordinal(), d, penalty = ridge(5))
  gradient <- nll(education ~ age + parity + induced, ordinal(), d, all_estimates(fit))$gradient
  expect_lt(max(abs(gradient + 5 * c(coef(fit), 0, 0))), 1e-5)
  expect_error(glmpp(education ~ age, ordinal(), d, penalty = ridge(5, TRUE)), class = "glmpp_error_argument")
})

test_that("separation and what can't be are named", {
  d <- data.frame(y = ordered(rep(1:3, each = 4)), x = 1:12)
  expect_warning(fit <- glmpp(y ~ x, ordinal(), d), class = "glmpp_warning_separation")
  expect_identical(fit$separation$type, "complete")
  expect_error(glmpp(x ~ y, ordinal(), d), "ordered\\(x\\)", class = "glmpp_error_response")
  expect_error(ordinal("log"), "\"cauchit\"", class = "glmpp_error_argument")
  mixed <- data.frame(y = ordered(rep(1:3, 4)), x = 1:12)
  expect_error(glmpp(y ~ x, ordinal(), mixed, start = c(0, 1, 1)), "ascend", class = "glmpp_error_start")
  expect_error(glmpp(y ~ x, ordinal(), mixed, start = c(0, 1)), class = "glmpp_error_start")
  expect_error(glmpp(y ~ x, ordinal(), mixed, solver = sgd()), class = "glmpp_error_solver")
  expect_warning(glmpp(y ~ x, ordinal(), mixed, subset = y != "2"), "\"2\"", class = "glmpp_warning_classes")
})

test_that("differences of the distribution function keep their digits in both tails", {
  eta <- c(-30, 30)
  p <- glmpp:::cumulative_impl(eta, c(-1, 1), "logit")
  expect_equal(p[1, 3], plogis(-31))
  expect_equal(p[1, 2] / (plogis(-29) - plogis(-31)), 1, tolerance = 1e-12)
  expect_equal(p[2, 2] / (plogis(-29) - plogis(-31)), 1, tolerance = 1e-12)
  p <- glmpp:::cumulative_impl(c(-8, 8), c(-1, 1), "probit")
  expect_equal(p[, 2] / (pnorm(-7) - pnorm(-9)), c(1, 1), tolerance = 1e-12)
})
