# Fits of categories with the packages that users of nnet and MASS go on with.

test_that("the sandwich of an ordinal fit is that of sandwich on MASS::polr()", {
  skip_without("sandwich", "MASS")
  rows <- MASS::housing[rep(seq_len(72), MASS::housing$Freq), ]
  rows$block <- seq_len(nrow(rows)) %% 40
  theirs <- MASS::polr(Sat ~ Infl + Type, rows, Hess = TRUE, control = list(reltol = 1e-14))
  ours <- glmpp(Sat ~ Infl + Type, ordinal(), rows)
  expect_equal(vcov(ours, type = "HC0"), sandwich::sandwich(theirs), tolerance = 1e-4, ignore_attr = TRUE)
  expect_equal(vcov(ours, type = "HC1", cluster = ~block), sandwich::vcovCL(theirs, ~block, type = "HC1"), tolerance = 1e-4, ignore_attr = TRUE)
})

test_that("the sandwich of two classes is that of the logistic fit", {
  d <- MASS::birthwt
  d$n <- rep(1:3, length.out = nrow(d))
  logistic <- glmpp(low ~ age + lwt + factor(race), binomial, d, weights = n)
  for (baseline in list(TRUE, FALSE)) {
    classes <- glmpp(factor(low) ~ age + lwt + factor(race), multinomial(baseline), d, weights = n)
    free <- nrow(coef(classes))
    differences <- kronecker(matrix(if (free == 2) c(-1, 1) else 1, 1), diag(5))
    for (type in c("HC0", "HC1")) {
      robust <- differences %*% vcov(classes, type = type) %*% t(differences)
      if (isTRUE(baseline) || type == "HC0") expect_equal(robust, vcov(logistic, type = type), ignore_attr = TRUE, tolerance = 1e-6)
    }
  }
  classes <- glmpp(factor(low) ~ age + lwt, multinomial(), d)
  expect_equal(vcov(classes, type = "HC1", cluster = ~race), vcov(glmpp(low ~ age + lwt, binomial, d), type = "HC1", cluster = ~race),
               ignore_attr = TRUE, tolerance = 1e-6)
})

test_that("profile intervals of several classes are refused, aliased coefficients left out as asked", {
  d <- transform(iris, twice = 2 * Sepal.Width)
  fit <- glmpp(Species ~ Sepal.Width + twice, multinomial(), d)
  expect_error(confint(fit, method = "profile"), class = "glmpp_error_categories")
  expect_equal(confint(fit, method = "wald"), confint(fit))
  expect_equal(dim(vcov(fit, complete = FALSE)), c(4L, 4L))
  expect_equal(vcov(fit, complete = FALSE, type = "HC0"), vcov(glmpp(Species ~ Sepal.Width, multinomial(), d), type = "HC0"), tolerance = 1e-6)
})

test_that("type = \"response\" are the probabilities", {
  for (family in list(multinomial(), ordinal())) {
    fit <- glmpp(Species ~ Sepal.Width, family, iris)
    expect_identical(predict(fit, iris[1:3, ], type = "response"), predict(fit, iris[1:3, ], type = "probs"))
    expect_error(predict(fit, type = "terms"), class = "glmpp_error_argument")
    expect_error(residuals(fit, "working"), class = "glmpp_error_argument")
  }
})

test_that("tidy() and glance() are those of nnet and MASS fits", {
  skip_without("broom", "nnet", "MASS")
  ours <- glmpp(Sat ~ Infl + Type, multinomial(), MASS::housing, weights = Freq)
  theirs <- nnet::multinom(Sat ~ Infl + Type, MASS::housing, weights = Freq, trace = FALSE, reltol = 1e-14, maxit = 1e4)
  expect_equal(as.data.frame(broom::tidy(ours, conf.int = TRUE)), as.data.frame(broom::tidy(theirs, conf.int = TRUE)), tolerance = 1e-4)
  expect_equal(broom::glance(ours)$AIC, broom::glance(theirs)$AIC, tolerance = 1e-6)
  ordered <- glmpp(Sat ~ Infl + Type, ordinal(), MASS::housing, weights = Freq)
  polr <- MASS::polr(Sat ~ Infl + Type, MASS::housing, weights = Freq, Hess = TRUE)
  columns <- c("term", "estimate", "std.error", "statistic", "coef.type")
  expect_equal(as.data.frame(broom::tidy(ordered)[columns]), as.data.frame(broom::tidy(polr)[columns]), tolerance = 1e-4)
  expect_equal(broom::glance(ordered)$BIC, broom::glance(polr)$BIC, tolerance = 1e-6)
})

test_that("lmtest::coeftest() tests by any covariance", {
  skip_without("lmtest")
  fit <- glmpp(Species ~ Sepal.Width, multinomial(), iris)
  expect_equal(unclass(lmtest::coeftest(fit))[, ], coef(summary(fit)), tolerance = 1e-12)
  robust <- vcov(fit, type = "HC1")
  expect_equal(lmtest::coeftest(fit, vcov. = robust)[, 2], sqrt(diag(robust)))
  expect_equal(lmtest::coeftest(fit, vcov. = vcov, type = "HC1")[, 2], sqrt(diag(robust)))
  expect_error(lmtest::coeftest(fit, vcov. = diag(2)), class = "glmpp_error_argument")
})

test_that("emmeans averages what it averages for nnet and MASS fits", {
  skip_without("emmeans", "nnet", "MASS")
  estimates <- function(fit, mode, by) as.data.frame(suppressMessages(emmeans::emmeans(fit, by, mode = mode)))[c(1:2, 4)]
  numbers <- function(...) unlist(Filter(is.numeric, estimates(...)))
  ours <- glmpp(Sat ~ Infl + Type + Cont, multinomial(), MASS::housing, weights = Freq)
  theirs <- nnet::multinom(Sat ~ Infl + Type + Cont, MASS::housing, weights = Freq, trace = FALSE, reltol = 1e-14, maxit = 1e4)
  for (mode in c("prob", "latent")) {
    expect_equal(numbers(ours, mode, ~ Sat | Infl), numbers(theirs, mode, ~ Sat | Infl), tolerance = 1e-4, ignore_attr = TRUE)
  }
  ordered <- glmpp(Sat ~ Infl * Type, ordinal(), MASS::housing, weights = Freq)
  polr <- MASS::polr(Sat ~ Infl * Type, MASS::housing, weights = Freq, Hess = TRUE)
  expect_equal(numbers(ordered, "prob", ~ Sat | Infl), numbers(polr, "prob", ~ Sat | Infl), tolerance = 1e-4, ignore_attr = TRUE)
  expect_equal(numbers(ordered, "latent", ~Infl), numbers(polr, "latent", ~Infl), tolerance = 1e-4, ignore_attr = TRUE)
})

test_that("a prediction's standard error does not cost a covariance of all coefficients", {
  set.seed(41)
  d <- data.frame(g = factor(rep(1:40, 5)), x = rnorm(200), w = rep_len(0:2, 200))
  d$y <- rgamma(200, 3)
  for (family in list(gaussian(), Gamma("log"), quasipoisson(), poisson(), inverse.gaussian("log"))) {
    ours <- suppressWarnings(glmpp(round(y) + 1 ~ g + x, family, d, weights = w))
    expect_equal(dispersion_of(ours), suppressWarnings(summary(ours))$dispersion, label = family$family)
    lean <- suppressWarnings(glmpp(round(y) + 1 ~ g + x, family, d, weights = w, keep = "summary"))
    expect_equal(predict(lean, d[1:2, ], se.fit = TRUE), predict(ours, d[1:2, ], se.fit = TRUE), tolerance = 1e-8)
  }
})
