plugins {
    id("com.android.application")
    id("org.jetbrains.kotlin.android")
}

// The model that ships is the one the app runs: there is no second copy to fall behind.
val shippedModel = rootProject.file("../../tfmatting/shipped/portrait_int8.tflite")
val modelAssets = layout.buildDirectory.dir("modelAssets")
val copyModel = tasks.register<Copy>("copyModel") {
    from(shippedModel)
    into(modelAssets)
}

android {
    namespace = "org.tfmatting.camera"
    compileSdk = 35

    defaultConfig {
        applicationId = "org.tfmatting.camera"
        minSdk = 23 // of LiteRT 2.1
        targetSdk = 35
        versionCode = 2
        versionName = "0.3.0"
    }
    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_17
        targetCompatibility = JavaVersion.VERSION_17
    }
    kotlinOptions { jvmTarget = "17" }
    // the interpreter maps the file into memory, which a compressed asset does not allow
    androidResources { noCompress += "tflite" }
    sourceSets["main"].assets.srcDir(modelAssets)
}

tasks.named("preBuild") { dependsOn(copyModel) }

dependencies {
    val camerax = "1.4.2"
    implementation("androidx.activity:activity-ktx:1.10.1")
    implementation("androidx.appcompat:appcompat:1.7.0")
    implementation("androidx.camera:camera-camera2:$camerax")
    implementation("androidx.camera:camera-core:$camerax")
    implementation("androidx.camera:camera-lifecycle:$camerax")
    implementation("androidx.core:core-ktx:1.16.0")
    implementation("com.google.ai.edge.litert:litert:2.1.5")
    testImplementation("junit:junit:4.13.2")
}
