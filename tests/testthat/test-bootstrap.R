# Resamples as weights on one open problem, beside boot and fits by hand.

boot_data <- with_local_seed(8, {
  data <- data.frame(x = rnorm(120), g = factor(sample(letters[1:3], 120, TRUE)), id = rep(1:30, 4), w = sample(1:3, 120, TRUE),
                     o = runif(120))
  data$y <- rpois(120, exp(0.4 * data$x + 0.3 * (data$g == "b") + rnorm(30, 0, 0.3)[data$id]))
  data$hit <- rbinom(120, 1, plogis(data$x))
  data$class <- factor(sample(c("p", "q", "r"), 120, TRUE))
  data$level <- factor(sample(1:3, 120, TRUE), ordered = TRUE)
  data
})

boot_fits <- function() {
  d <- boot_data
  list(poisson = glmpp(y ~ x + g, poisson, d), weights = glmpp(hit ~ x, binomial, d, weights = w),
       offset = glmpp(y ~ x + offset(o), poisson("log"), d),
       trials = glmpp(cbind(hit, w) ~ x, binomial("probit"), d), gaussian = glmpp(x ~ g + w, gaussian, d), gamma = glmpp(y + 1 ~ x, Gamma("log"), d),
       aliased = glmpp(y ~ x + I(2 * x) + g, poisson, d), ridge = glmpp(hit ~ x + g, binomial, d, penalty = ridge(2)),
       called_back = glmpp(y ~ x, quasi("log", "mu"), d), multinomial = glmpp(class ~ x, multinomial(), d),
       ordinal = glmpp(level ~ x + g, ordinal(), d))
}

# The fit with the weights of a resample, to the last digit.
refitted <- function(fit, weights, d = boot_data) {
  weights <- weights * if (is.null(fit$call$weights)) 1 else d$w
  anew <- eval(bquote(suppressWarnings(update(.(fit), data = .(cbind(d, drawn = weights)), weights = drawn, epsilon = 1e-10))))
  if (inherits(fit, "glmpp_categories")) coef(summary(anew))[, 1] else coef(anew)
}

test_that("every resample is the fit with its weights", {
  fits <- boot_fits()
  for (name in names(fits)) for (type in c("pairs", "multiplier")) {
    b <- suppressWarnings(bootstrap(fits[[name]], R = 5, type = type, seed = 3))
    errors <- apply(b$t, 2, sd)
    for (r in c(1, 4)) {
      if (type == "pairs") expect_equal(sum(b$draw(r)), 120)
      difference <- (b$t[r, ] - refitted(fits[[name]], b$draw(r))) / errors
      expect_lt(max(abs(difference), na.rm = TRUE), 1e-5, label = paste(name, type, r))
    }
  }
})

test_that("clusters are drawn whole", {
  fit <- boot_fits()$poisson
  b <- bootstrap(fit, R = 20, cluster = ~id, seed = 3)
  expect_identical(b$type, "cluster")
  expect_length(b$draw(1), 30)
  expect_equal(unname(b$t[2, ]), unname(refitted(fit, b$draw(2)[match(boot_data$id, unique(boot_data$id))])), tolerance = 1e-6)
})

test_that("the seed is all that resamples depend on, for any number of threads", {
  fit <- boot_fits()$poisson
  set.seed(1)
  state <- .Random.seed
  all <- lapply(1:3, function(threads) bootstrap(fit, R = 120, seed = 9, threads = threads)$t)
  expect_identical(.Random.seed, state)
  expect_identical(all[[2]], all[[1]])
  expect_identical(all[[3]], all[[1]])
  expect_identical(bootstrap(fit, R = 60, seed = 9)$t, all[[1]][1:60, ])
  expect_false(identical(bootstrap(fit, R = 120, seed = 10)$t, all[[1]]))
  set.seed(1)
  first <- bootstrap(fit, R = 3)$t
  set.seed(1)
  expect_identical(bootstrap(fit, R = 3)$t, first)
})

test_that("draws have the moments that they should", {
  fit <- glmpp(x ~ 1, gaussian, boot_data)
  for (type in c("pairs", "multiplier")) {
    b <- bootstrap(fit, R = 2000, type = type, seed = 1)
    draws <- vapply(1:400, b$draw, numeric(120))
    expect_equal(mean(draws), 1, tolerance = 1e-12)
    expect_equal(var(as.vector(draws)), 1, tolerance = 0.03)
    expect_equal(sd(b$t), sqrt(mean((boot_data$x - mean(boot_data$x))^2) / 120), tolerance = 0.06)
  }
})

test_that("intervals are boot's of the same resamples", {
  skip_if_not_installed("boot")
  fits <- boot_fits()
  for (name in c("poisson", "weights", "trials", "gaussian")) {
    b <- bootstrap(fits[[name]], R = 499, seed = 2)
    for (j in seq_along(b$t0)) {
      theirs <- boot::boot.ci(b, index = j, type = c("norm", "basic", "perc"))
      expect_equal(confint(b, j, interval = "normal")[1, ], theirs$normal[2:3], ignore_attr = TRUE)
      expect_equal(confint(b, j, interval = "basic")[1, ], theirs$basic[4:5], ignore_attr = TRUE)
      expect_equal(confint(b, j, interval = "percentile", level = 0.95)[1, ], theirs$percent[4:5], ignore_attr = TRUE)
    }
    expect_equal(confint(b, 2)[1, ], boot::boot.ci(b, index = 2, type = "bca")$bca[4:5], tolerance = 1e-4, ignore_attr = TRUE)
  }
  clusters <- bootstrap(fits$poisson, R = 499, cluster = ~id, seed = 2, statistic = function(b) c(ratio = exp(b[["x"]]), sum = sum(b)))
  for (j in 1:2) expect_equal(confint(clusters, j)[1, ], boot::boot.ci(clusters, index = j, type = "bca")$bca[4:5], tolerance = 1e-4,
                              ignore_attr = TRUE)
  expect_error(boot::boot.array(clusters))
})

test_that("the resamples' spread is that of boot's", {
  skip_if_not_installed("boot")
  fit <- boot_fits()$poisson
  x <- model.matrix(fit)
  theirs <- with_local_seed(4, boot::boot(boot_data, function(d, k) glm.fit(x[k, ], d$y[k], family = poisson())$coefficients, R = 800))
  expect_equal(apply(bootstrap(fit, R = 800, seed = 4)$t, 2, sd), apply(theirs$t, 2, sd), tolerance = 0.12, ignore_attr = TRUE)
})

test_that("new responses come from the fit", {
  fits <- boot_fits()
  for (name in c("poisson", "weights", "gaussian", "gamma")) {
    b <- bootstrap(fits[[name]], R = 300, type = "parametric", seed = 5)
    expect_equal(apply(b$t, 2, sd), sqrt(diag(vcov(fits[[name]]))), tolerance = 0.25, ignore_attr = TRUE, label = name)
    expect_identical(bootstrap(fits[[name]], R = 3, type = "parametric", seed = 5)$t, b$t[1:3, , drop = FALSE])
  }
  set.seed(1)
  state <- .Random.seed
  bootstrap(fits$poisson, R = 2, type = "parametric", seed = 5)
  expect_identical(.Random.seed, state)
  expect_error(bootstrap(fits$called_back, R = 2, type = "parametric"), class = "glmpp_error_family")
  expect_error(bootstrap(fits$ordinal, R = 2, type = "parametric"), class = "glmpp_error_argument")
})

test_that("confint() of a fit bootstraps it", {
  fit <- boot_fits()$poisson
  b <- bootstrap(fit, R = 199, seed = 6)
  expect_equal(confint(fit, method = "bootstrap", R = 199, seed = 6), confint(b))
  expect_equal(confint(fit, "x", method = "bootstrap", R = 199, seed = 6, interval = "basic", level = 0.9), confint(b, "x", 0.9, "basic"))
  combined <- confint(fit, method = "bootstrap", R = 199, seed = 6, contrasts = c(gb = 1, gc = -1), interval = "percentile")
  expect_equal(combined[1, ], confint(bootstrap(fit, R = 199, seed = 6, statistic = function(b) b[["gb"]] - b[["gc"]]), interval = "percentile")[1, ],
               ignore_attr = TRUE)
  expect_equal(coef(summary(fit, vcov = vcov(b)))[, 2], apply(b$t, 2, sd))
})

test_that("what goes wrong is said", {
  fit <- boot_fits()$poisson
  expect_error(bootstrap(fit, R = 0), class = "glmpp_error_argument")
  expect_error(bootstrap(fit, type = "cluster"), class = "glmpp_error_argument")
  expect_error(bootstrap(fit, type = "pairs", cluster = ~id), class = "glmpp_error_argument")
  expect_error(bootstrap(fit, cluster = ~ id + g), class = "glmpp_error_argument")
  expect_error(bootstrap(fit, cluster = ~nowhere), class = "glmpp_error_cluster")
  expect_error(bootstrap(fit, statistic = 3), class = "glmpp_error_argument")
  expect_error(bootstrap(fit, statistic = function(b) "a"), class = "glmpp_error_argument")
  expect_error(bootstrap(glm(y ~ x, poisson, boot_data)), class = "glmpp_error_argument")
  expect_error(bootstrap(glmpp(hit ~ x, binomial, boot_data, bias_reduction = "mean")), class = "glmpp_error_bias_reduction")
  expect_error(bootstrap(glmpp(y ~ x, poisson, boot_data, keep = "rows")), class = "glmpp_error_left_out")
  expect_error(confint(bootstrap(fit, R = 9, type = "multiplier", seed = 1), interval = "bca"), class = "glmpp_error_argument")
  expect_warning(confint(bootstrap(fit, R = 9, seed = 1), "x"), class = "glmpp_warning_bootstrap")
  expect_warning(bootstrap(glmpp(am ~ wt + hp, binomial, mtcars), R = 50, seed = 1), class = "glmpp_warning_separation")
  file <- tempfile(fileext = ".csv")
  write.csv(boot_data, file, row.names = FALSE)
  expect_error(bootstrap(glmpp(y ~ x, poisson, csv_chunks(file))), class = "glmpp_error_rows")
  rare <- boot_data[1:12, ]
  rare$g <- factor(c("a", "b", rep("c", 10)))
  lost <- suppressWarnings(bootstrap(glmpp(y ~ g, poisson, rare), R = 40, seed = 1))
  expect_true(anyNA(lost$t))
  expect_output(print(lost), "Not determined by every resample: gb", fixed = TRUE)
})

test_that("one coefficient, left-out rows and arguments that say nothing", {
  expect_identical(dim(bootstrap(glmpp(y ~ 1, poisson, boot_data), R = 9, type = "parametric", seed = 1)$t), c(9L, 1L))
  d <- boot_data
  d$x[c(3, 90)] <- NA
  padded <- glmpp(y ~ x, poisson, d, na.action = na.exclude)
  expect_equal(bootstrap(padded, R = 5, type = "parametric", seed = 1)$t,
               bootstrap(glmpp(y ~ x, poisson, d), R = 5, type = "parametric", seed = 1)$t)
  expect_equal(coef(refit(padded, y = replace(fitted(padded), is.na(fitted(padded)), 7))), coef(padded), tolerance = 1e-6)
  fit <- glmpp(y ~ x, poisson, boot_data)
  expect_error(confint(fit, method = "bootstrap", R = 9, vcov = "HC1"), class = "glmpp_error_argument")
  expect_error(confint(fit, method = "bootstrap", R = 9, dispersion = 2), class = "glmpp_error_argument")
  expect_error(anova(fit, vcov = "HC1", dispersion = 2), class = "glmpp_error_argument")
  expect_error(drop1(fit, vcov = "HC1", k = 3), class = "glmpp_error_argument")
  expect_error(confint(fit, "x", contrasts = c(x = 1)), class = "glmpp_error_argument")
  expect_warning(bootstrap(glmpp(y ~ x, poisson, boot_data, weights = w), R = 60, type = "parametric", seed = 1),
                 class = "glmpp_warning_weights")
})
