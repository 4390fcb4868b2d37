# Each kind of user's work as a script: inst/examples. Every one runs; those of the seven users leave what other packages say too.
example_files <- function() list.files(system.file("examples", package = "glmpp"), "\\.R$", full.names = TRUE)
run_example <- function(name) {
  file <- example_files()[basename(example_files()) == paste0(name, ".R")]
  place <- new.env(parent = globalenv())
  old_seed <- get0(".Random.seed", globalenv())
  old_options <- options()
  on.exit({
    options(old_options)
    if (is.null(old_seed)) suppressWarnings(rm(".Random.seed", envir = globalenv())) else assign(".Random.seed", old_seed, globalenv())
  })
  printed <- utils::capture.output(expect_no_warning_of(source(file, local = place)))
  expect_gt(length(printed), 0)
  place
}
# testthat of Debian 12 counts warnings of code, but has no expectation that there are none.
# Where there is no clock service R says so when some package asks for the time zone.
expect_no_warning_of <- function(code) {
  withCallingHandlers(code, warning = function(w) {
    if (grepl("timedatectl", conditionMessage(w))) invokeRestart("muffleWarning")
    fail(conditionMessage(w))
  })
}
standard_errors <- function(fit) sqrt(diag(vcov(fit)))

test_that("scripts are short", {
  files <- example_files()
  expect_gte(length(files), 7)
  for (file in files) expect_lt(length(readLines(file)), 40)
})

test_that("the epidemiologist has glm's odds and risks", {
  skip_if_not_installed("MASS")
  done <- run_example("epidemiologist")
  plain <- glm(low ~ age + race + smoke + ht, binomial, done$births)
  expect_equal(coef(done$odds), coef(plain), tolerance = 1e-7)
  expect_equal(coef(done$risks), coef(glm(low ~ race + smoke, poisson, done$births)), tolerance = 1e-7)
  start <- c(-1, 0, 0, 0)
  expect_equal(coef(done$log_binomial), coef(glm(low ~ race + smoke, binomial("log"), done$births, start = start, epsilon = 1e-12)),
               tolerance = 1e-6)
  both <- lapply(c("no", "yes"), function(s) predict(plain, transform(done$births, smoke = s), type = "response"))
  expect_equal(as.data.frame(done$difference)$estimate[1], mean(both[[2]] - both[[1]]), tolerance = 1e-6)
  expect_true(all(is.finite(confint(done$firth_fit, method = "wald"))))
})

test_that("the actuary's tariff is glm's, and her charts are sums of rows", {
  done <- run_example("actuary")
  frequency <- glm(claims ~ age + region + power + offset(log(exposure)), poisson, done$train)
  severity <- glm(cost ~ age + power, Gamma("log"), done$train[done$train$claims > 0, ], weights = claims)
  expect_equal(coef(done$frequency), coef(frequency), tolerance = 1e-7)
  expect_equal(coef(done$severity), coef(severity), tolerance = 1e-6)
  young <- subset(as.data.frame(done$tariff), term == "age" & level == "18-24")
  expect_equal(young$relativity, exp(coef(frequency)[["age18-24"]]), tolerance = 1e-7)
  expect_equal(sum(subset(as.data.frame(done$tariff), term == "region")$response), sum(done$train$claims))
  expect_equal(unname(done$premium), unname(predict(frequency, transform(done$test, exposure = 1), type = "response") *
                                              predict(severity, done$test, type = "response")), tolerance = 1e-6)
  expect_equal(sum(as.data.frame(done$lift)$exposure), sum(done$test$exposure))
})

test_that("the data engineer's homes agree", {
  done <- run_example("data-engineer")
  expect_equal(coef(done$from_files), coef(done$in_memory), tolerance = 1e-8)
  expect_equal(coef(done$in_memory), coef(glm(late ~ carrier + log(distance + 1) + hour, binomial, done$trips)), tolerance = 1e-7)
  skip_if_not_installed("RSQLite")
  expect_equal(coef(done$in_sql), coef(glm(late ~ carrier + distance + hour, binomial, done$trips)), tolerance = 1e-7)
})

test_that("the student's steps end where glm does", {
  done <- run_example("student")
  expect_equal(unname(done$by_hand), unname(coef(glm(am ~ wt, binomial, mtcars))), tolerance = 1e-6)
  expect_equal(coef(done$long), coef(glm(am ~ I(wt - 3), binomial, mtcars)), tolerance = 1e-3)
  expect_false(isTRUE(all.equal(coef(done$short), coef(done$long), tolerance = 1e-2)))
})

test_that("the econometrician's errors are those of sandwich", {
  skip_if_not_installed("sandwich")
  done <- run_example("econometrician")
  plain <- glm(flow ~ log(distance) + agreement + exporter + importer + year, quasipoisson, done$trade, epsilon = 1e-14, maxit = 100)
  expect_equal(coef(done$ppml), coef(plain), tolerance = 1e-7)
  theirs <- sandwich::vcovCL(plain, ~ pair, type = "HC1")
  expect_equal(done$by_pair, theirs, tolerance = 1e-5, ignore_attr = TRUE)
  expect_equal(done$two_way, sandwich::vcovCL(plain, ~ exporter + importer, type = "HC1"), tolerance = 1e-5, ignore_attr = TRUE)
  probit <- glm(large ~ log(distance) + agreement + year, binomial("probit"), done$trade)
  slope <- mean(dnorm(predict(probit)) * coef(probit)[["log(distance)"]] / done$trade$distance)
  expect_equal(subset(as.data.frame(done$effects), grepl("distance", variable))$estimate, slope, tolerance = 1e-5)
})

test_that("the ecologist's negative binomial is MASS's", {
  skip_if_not_installed("MASS")
  done <- run_example("ecologist")
  theirs <- MASS::glm.nb(Days ~ Sex + Age + Eth + Lrn, done$quine, control = glm.control(epsilon = 1e-12, maxit = 100))
  expect_equal(coef(done$negbin), coef(theirs), tolerance = 1e-5)
  expect_equal(done$negbin$theta, theirs$theta, tolerance = 1e-5)
  expect_equal(standard_errors(done$negbin), standard_errors(theirs), tolerance = 1e-4)
})

test_that("the credit scorer's judges are named, and areas are ranks", {
  done <- run_example("credit-scorer")
  expect_match(done$score$separation$levels, "judge", all = FALSE)
  expect_true(all(is.finite(coef(done$finite))))
  plain <- glm(formula(done$small), binomial, done$train)
  expect_equal(coef(done$small), coef(plain), tolerance = 1e-6)
  ranks <- rank(predict(plain, done$test))
  bad <- done$test$default == 1
  area <- (mean(ranks[bad]) - (sum(bad) + 1) / 2) / sum(!bad)
  expect_equal(done$roc$auc, area, tolerance = 1e-8, ignore_attr = TRUE)
  flagged <- predict(plain, done$test, type = "response") >= 0.02
  expect_equal(subset(as.data.frame(done$cut_offs), threshold == 0.02)$sensitivity, mean(flagged[bad]), tolerance = 1e-6)
})

test_that("every other script runs too", {
  users <- c("epidemiologist", "actuary", "data-engineer", "student", "econometrician", "ecologist", "credit-scorer")
  for (name in setdiff(sub("\\.R$", "", basename(example_files())), users)) run_example(name)
  expect_true(all(paste0(users, ".R") %in% basename(example_files())))
})
